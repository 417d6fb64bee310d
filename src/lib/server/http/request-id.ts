import { randomUUID } from 'node:crypto';
import type { Handle, RequestEvent } from '@sveltejs/kit';
import { secondsSince } from '#lib/server/trace/instruments.ts';
import { inSpan, type Span } from '#lib/server/trace/tracer.ts';
import { parseTraceparent, type TraceIds } from '#lib/server/trace/trace-context.ts';
import { runningContext } from './lifecycle.ts';
import { routeTemplate } from './route-template.ts';

/** Paths asked for so often, by machines, that a line for each would bury the rest. */
const QUIET = /^\/(health|ready|metrics$|_app\/|audio\/|images\/)/;

/**
 * Gives every request an id, a place in a trace and the context, counts it, and logs its end in one line.
 */
export const requestId: Handle = async ({ event, resolve }) => {
	const ctx = runningContext();
	const id = randomUUID();
	event.locals.ctx = ctx;
	event.locals.requestId = id;
	event.locals.log = ctx.log.child({ requestId: id });
	event.locals.viewer = null;
	event.locals.session = null;
	// what a page asks of its own server while it renders is a part of that page
	if (event.isSubRequest) return await resolve(event);
	const { method } = event.request;
	const attributes = { 'http.request.method': method, 'plyr.request.id': id };
	const options = { kind: 'server' as const, attributes, parent: callerOf(event) };
	const answer = (span: Span) => answered(event, span, async () => await resolve(event));
	return await inSpan(ctx.tracer, method, options, answer, id);
};

/** Where a trace comes from that a proxy of ours has begun; anybody else's would mix theirs into ours. */
function callerOf({ request, locals }: RequestEvent): TraceIds | null {
	if (locals.ctx.config.trustedProxyCount === 0) return null;
	return parseTraceparent(request.headers.get('traceparent'));
}

async function answered(
	event: RequestEvent,
	span: Span,
	resolve: () => Promise<Response>
): Promise<Response> {
	const { log, ctx, requestId: id } = event.locals;
	const { pathname } = event.url;
	const { method } = event.request;
	const startedAt = performance.now();
	const response = await resolve();
	const { status } = response;
	response.headers.set('x-request-id', id);
	const seconds = secondsSince(startedAt);
	const route = routeTemplate(event.route.id);
	ctx.metrics.httpRequests.observe(seconds, methodLabel(method), route, statusClass(status));
	span.rename(`${method} ${route}`);
	span.set({ 'http.route': route, 'http.response.status_code': status });
	if (status >= 500) span.fail(new Error(`status ${status}`));
	// the path only: a query string can carry one-time codes
	const fields = { method, path: pathname, status, ms: Math.round(seconds * 1000) };
	if (status >= 500) log.warn('request', fields);
	else if (QUIET.test(pathname)) log.debug('request', fields);
	else log.info('request', fields);
	return response;
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Whoever invents methods makes no numbers of their own. */
const methodLabel = (method: string): string => (METHODS.has(method) ? method : 'other');

const CLASSES = ['1xx', '2xx', '3xx', '4xx', '5xx'];

const statusClass = (status: number): string => CLASSES[Math.floor(status / 100) - 1] ?? 'other';
