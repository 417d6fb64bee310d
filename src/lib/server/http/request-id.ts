import { randomUUID } from 'node:crypto';
import type { Handle } from '@sveltejs/kit';
import { runningContext } from './lifecycle.ts';

/** Paths asked for so often, by machines, that a line for each would bury the rest. */
const QUIET = /^\/(health|ready|_app\/|audio\/|images\/)/;

/** Gives every request an id and the context, and logs its end in one line. */
export const requestId: Handle = async ({ event, resolve }) => {
	const ctx = runningContext();
	const id = randomUUID();
	event.locals.ctx = ctx;
	event.locals.requestId = id;
	event.locals.log = ctx.log.child({ requestId: id });
	event.locals.viewer = null;
	event.locals.session = null;
	const startedAt = performance.now();
	const response = await resolve(event);
	response.headers.set('x-request-id', id);
	const fields = {
		method: event.request.method,
		// the path only: a query string can carry one-time codes
		path: event.url.pathname,
		status: response.status,
		ms: Math.round(performance.now() - startedAt)
	};
	if (response.status >= 500) event.locals.log.warn('request', fields);
	else if (QUIET.test(event.url.pathname)) event.locals.log.debug('request', fields);
	else event.locals.log.info('request', fields);
	return response;
};
