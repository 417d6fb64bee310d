import type { HandleServerError } from '@sveltejs/kit';
import { describeError } from '#lib/server/log.ts';

/** An error nobody expected: logged once, shown with the id under which it was logged. */
export const handleError: HandleServerError = ({ error, event, status, message }) => {
	const { log, requestId } = event.locals;
	if (status === 404) return { message: 'there is nothing here', code: 'not_found' };
	if (status < 500) return { message: message.toLowerCase(), code: 'bad_request' };
	log.error('page_failed', { path: event.url.pathname, ...describeError(error) });
	return {
		message: 'something went wrong on our side. try again in a moment',
		code: 'internal_error',
		requestId
	};
};
