import type { HandleClientError } from '@sveltejs/kit';

/** Loaded when there is something to tell; where that fails, nobody is told. */
const report = (kind: 'script' | 'promise' | 'page', cause: unknown) =>
	void import('#lib/client-errors/report-error.ts').then(
		({ reporter }) => reporter.report(kind, cause),
		() => undefined
	);

addEventListener('error', (event) => report('script', event.error));
addEventListener('unhandledrejection', (event) => report('promise', event.reason));

/** A page that could not be shown: nearly always the line, so that is what is said. */
export const handleError: HandleClientError = ({ error, status, message }) => {
	if (!navigator.onLine) {
		return { message: 'you are offline, and this page was not loaded yet', code: 'offline' };
	}
	if (status === 404) return { message: 'there is nothing here', code: 'not_found' };
	report('page', error);
	return {
		message: status < 500 ? message.toLowerCase() : 'this page could not be shown',
		code: 'page_failed'
	};
};
