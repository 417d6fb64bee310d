import type { RequestEvent } from '@sveltejs/kit';
import { createHash } from 'node:crypto';
import { notFound } from '#lib/server/errors.ts';
import { atomOf } from '#lib/server/feeds/atom.ts';
import { FEED_FILES, FEED_TYPES, type FeedFormat } from '#lib/server/feeds/feed.ts';
import { type FeedSubject, openFeed } from '#lib/server/feeds/open-feed.ts';
import { rssOf } from '#lib/server/feeds/rss.ts';
import { judgeTag } from './conditional-request.ts';
import { moved } from './moved.ts';

/** Programs ask again and again: five minutes late is early enough. */
const FRESH_SECONDS = 300;

const FORMATS = new Map<string, FeedFormat>([
	['xml', 'rss'],
	['atom', 'atom']
]);

/**
 * Answers with a feed in the format its address names; 304 when whoever asks has it.
 * @param ending of its file
 * @throws DomainError 404 when there is no such format, and as `openFeed`
 */
export async function answerFeed(
	event: RequestEvent,
	ending: string,
	subject: FeedSubject
): Promise<Response> {
	// not by a matcher of SvelteKit: with one it loads matchers anew for every request to any page
	const format = FORMATS.get(ending);
	if (!format) throw notFound('there are feeds that end with .xml and .atom');
	const feed = await openFeed(
		event.locals.ctx,
		subject,
		event.url.searchParams.get('cursor') || null
	);
	if ('movedTo' in feed) moved(event, `${feed.movedTo}/${FEED_FILES[format]}`);
	const text = format === 'rss' ? rssOf(feed) : atomOf(feed);
	const digest = createHash('sha256').update(text).digest('base64url').slice(0, 22);
	// weak: it is sent compressed as well. there is no Last-Modified: what has gone from it has no time
	const etag = `W/"${digest}"`;
	const headers = new Headers({
		'cache-control': `public, max-age=${FRESH_SECONDS}`,
		'access-control-allow-origin': '*',
		etag
	});
	if (judgeTag(event.request.headers, etag) === 'not-modified') {
		return new Response(null, { status: 304, headers });
	}
	headers.set('content-type', `${FEED_TYPES[format]}; charset=utf-8`);
	const body = new TextEncoder().encode(text);
	headers.set('content-length', String(body.byteLength));
	return new Response(body, { headers });
}
