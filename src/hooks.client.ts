import type { HandleClientError } from '@sveltejs/kit';

/** A page that could not be shown: nearly always the line, so that is what is said. */
export const handleError: HandleClientError = ({ status, message }) => {
	if (!navigator.onLine) {
		return { message: 'you are offline, and this page was not loaded yet', code: 'offline' };
	}
	if (status === 404) return { message: 'there is nothing here', code: 'not_found' };
	return {
		message: status < 500 ? message.toLowerCase() : 'this page could not be shown',
		code: 'page_failed'
	};
};
