import {
	error,
	isHttpError,
	isRedirect,
	json,
	type RequestEvent,
	type ServerLoadEvent
} from '@sveltejs/kit';
import { DomainError } from '#lib/server/errors.ts';
import { isTakenDown } from '#lib/server/moderation/taken-down.ts';
import { describeError } from '#lib/server/log.ts';
import { askAgain } from './ask-again.ts';

/** What every failing answer under /api carries. */
export interface ApiError {
	detail: unknown;
	code: string;
	request_id: string;
	/** when trying again makes sense; the same as the header Retry-After */
	retry_after_seconds?: number;
}

/** Wraps a page's `load` or an action: a domain error becomes the HTTP error SvelteKit renders. */
export function page<E extends ServerLoadEvent | RequestEvent, R>(
	handler: (event: E) => R | Promise<R>
): (event: E) => Promise<R> {
	return async (event) => {
		try {
			return await askAgain(event, handler);
		} catch (cause) {
			if (!(cause instanceof DomainError)) throw cause;
			if (cause.retryAfterSeconds !== undefined) {
				event.setHeaders({ 'retry-after': String(Math.ceil(cause.retryAfterSeconds)) });
			}
			if (isTakenDown(cause)) event.setHeaders(hiddenHeaders(event, cause));
			error(cause.status, { message: cause.message, code: cause.code });
		}
	};
}

/** Wraps an endpoint under /api: every failure is answered as JSON, unexpected ones are logged once. */
export function api<E extends RequestEvent>(
	handler: (event: E) => Response | Promise<Response>
): (event: E) => Promise<Response> {
	return async (event) => {
		try {
			return await askAgain(event, handler);
		} catch (cause) {
			return apiFailure(event, cause);
		}
	};
}

/** Caches keep a 410 and a 451 otherwise; of the latter it is said who blocks it (rfc 7725, §4). */
function hiddenHeaders(
	{ locals }: ServerLoadEvent | RequestEvent,
	{ status }: DomainError
): Record<string, string> {
	const blockedBy = `<${locals.ctx.config.publicUrl}>; rel="blocked-by"`;
	return { 'cache-control': 'no-store', ...(status === 451 ? { link: blockedBy } : {}) };
}

/** The JSON answer to an error, in the shape of `ApiError`. */
export function apiFailure(event: RequestEvent, cause: unknown): Response {
	const { requestId, log, ctx } = event.locals;
	// not an error: SvelteKit throws it to answer a redirect
	if (isRedirect(cause)) {
		return new Response(null, { status: cause.status, headers: { location: cause.location } });
	}
	if (isHttpError(cause)) {
		const body: ApiError = {
			detail: cause.body.message,
			code: cause.body.code ?? 'http_error',
			request_id: requestId
		};
		return json(body, { status: cause.status });
	}
	if (cause instanceof DomainError) {
		ctx.metrics.refusals.add(1, cause.code);
		const body: ApiError = {
			detail: cause.detail ?? cause.message,
			code: cause.code,
			request_id: requestId
		};
		const headers = new Headers();
		if (cause.retryAfterSeconds !== undefined) {
			body.retry_after_seconds = Math.ceil(cause.retryAfterSeconds);
			headers.set('retry-after', String(body.retry_after_seconds));
		}
		for (const [name, value] of Object.entries(
			isTakenDown(cause) ? hiddenHeaders(event, cause) : {}
		)) {
			headers.set(name, value);
		}
		// not all of a refused body may be read: the connection cannot be used again
		if (cause.status === 413) headers.set('connection', 'close');
		return json(body, { status: cause.status, headers });
	}
	// whoever asked has gone, as with each jump in a track: nothing failed, and nobody reads an answer
	if (event.request.signal.aborted && cause instanceof Error && cause.name === 'AbortError') {
		return new Response(null, { status: 499 });
	}
	log.error('request_failed', { path: event.url.pathname, ...describeError(cause) });
	const body: ApiError = {
		detail:
			'something went wrong on our side. try again; if it happens again, tell us the request id',
		code: 'internal_error',
		request_id: requestId
	};
	return json(body, { status: 500 });
}
