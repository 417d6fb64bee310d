import type { RequestEvent } from '@sveltejs/kit';
import type { EmbedContent } from '#lib/server/embed/embed-content.ts';
import { type EmbedOptions, readEmbedOptions } from '#lib/server/embed/embed-options.ts';
import { embedMessage, type EmbedPage, embedPage } from '#lib/server/embed/embed-page.ts';
import { DomainError } from '#lib/server/errors.ts';
import { askAgain } from './ask-again.ts';

/** What others see may be this old. */
const FRESH_SECONDS = 300;

/**
 * An endpoint that answers with a player that stands within pages of others: any of them, also in a
 * frame that may do nothing. What cannot be shown is said within the frame.
 * @param find what it shows, or where that is now
 */
export function embed<E extends RequestEvent>(
	find: (event: E) => Promise<EmbedContent | { movedTo: string }>
): (event: E) => Promise<Response> {
	return async (event) => {
		const { config } = event.locals.ctx;
		const options = readEmbedOptions(event.url.searchParams);
		try {
			const content = await askAgain(event, find);
			if (!('movedTo' in content)) return answer(200, embedPage(config, content, options));
			const location = content.movedTo + event.url.search;
			return new Response(null, {
				status: 308,
				headers: { location, 'cache-control': 'no-cache' }
			});
		} catch (cause) {
			if (!(cause instanceof DomainError)) throw cause;
			return refusal(event, cause, options);
		}
	};
}

function refusal(event: RequestEvent, cause: DomainError, options: EmbedOptions): Response {
	return answer(cause.status, embedMessage(event.locals.ctx.config, cause.message, options));
}

function answer(status: number, { html, contentSecurityPolicy }: EmbedPage): Response {
	const isFound = status === 200;
	return new Response(html, {
		status,
		headers: {
			'content-type': 'text/html; charset=utf-8',
			'content-security-policy': contentSecurityPolicy,
			'cache-control': isFound ? `public, max-age=${FRESH_SECONDS}` : 'no-cache',
			'cross-origin-resource-policy': 'cross-origin',
			'x-robots-tag': 'noindex'
		}
	});
}
