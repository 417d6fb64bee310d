import { readFileSync } from 'node:fs';
import path from 'node:path';
import { json, type RequestEvent } from '@sveltejs/kit';
import type { DomainError } from '#lib/server/errors.ts';
import { apiFailure } from './respond.ts';

/**
 * Answers a request that goes no further than a hook, in the form whoever asked understands: JSON
 * under /api, what SvelteKit's own requests expect, a page for people.
 */
export function refuse(event: RequestEvent, cause: DomainError): Response {
	const { headers } = event.request;
	const answer = (() => {
		const body = { message: cause.message, code: cause.code };
		if (event.isDataRequest) return json(body, { status: cause.status });
		if (headers.get('x-sveltekit-action') === 'true') {
			return json({ type: 'error', error: body }, { status: cause.status });
		}
		const isPage = headers.get('accept')?.includes('text/html');
		if (!isPage || event.url.pathname.startsWith('/api/')) return apiFailure(event, cause);
		return new Response(errorPage(cause), {
			status: cause.status,
			headers: { 'content-type': 'text/html; charset=utf-8' }
		});
	})();
	if (cause.retryAfterSeconds !== undefined) {
		answer.headers.set('retry-after', String(Math.ceil(cause.retryAfterSeconds)));
	}
	answer.headers.set('cache-control', 'no-store');
	if (!answer.headers.has('content-security-policy')) {
		answer.headers.set('content-security-policy', CLOSED_POLICY);
	}
	return answer;
}

/** The page has a style of its own and nothing else. */
const CLOSED_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

let template: string | undefined;

/** The page SvelteKit shows, too, when there is no page to put an error into. */
function errorPage({ status, message }: DomainError): string {
	template ??= readFileSync(path.resolve('src/error.html'), 'utf8');
	return template
		.replaceAll('%sveltekit.status%', String(status))
		.replaceAll('%sveltekit.error.message%', () => escapeHtml(message));
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escapeHtml = (text: string) => text.replace(/[&<>"]/g, (mark) => ENTITIES[mark] ?? mark);
