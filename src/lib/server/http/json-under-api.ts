import type { Handle } from '@sveltejs/kit';
import { DomainError, notFound } from '#lib/server/errors.ts';
import { apiFailure } from './respond.ts';

/**
 * Programs get JSON from everything under /api, and where audio and images are, also where there is nothing and where a method is
 * not allowed: SvelteKit answers those itself, with a page or a line of text.
 */
export const jsonUnderApi: Handle = async ({ event, resolve }) => {
	const response = await resolve(event);
	const isForPrograms = /^\/(?:api|audio|images)(?:\/|$)/.test(event.url.pathname);
	if (!isForPrograms || response.status < 400) return response;
	// SvelteKit's own text comes without a type
	const type = response.headers.get('content-type') ?? 'text/plain';
	if (!/^text\/(html|plain)/.test(type)) return response;
	await response.body?.cancel();
	const answer = apiFailure(event, failureOf(response.status, event.request.method));
	const allow = response.headers.get('allow');
	if (allow !== null) answer.headers.set('allow', allow);
	return answer;
};

function failureOf(status: number, method: string): DomainError {
	if (status === 404) return notFound('there is nothing at this address');
	if (status === 405) {
		return new DomainError(405, 'method_not_allowed', `${method} is not possible here`);
	}
	return new DomainError(status, 'http_error', 'this request could not be carried out');
}
