import type { Handle } from '@sveltejs/kit';
import { DomainError, tooLarge } from '#lib/server/errors.ts';
import { MAX_QUEUE_BYTES } from '#lib/server/queue/queue-limits.ts';
import { refuse } from './refuse.ts';
import { apiFailure } from './respond.ts';

/** Routes that stream their body and set their own limits. */
const STREAMED =
	/^\/(?:api\/(?:tracks(?:\/\d+)?|images)\/?|api\/albums\/[^/]+\/cover\/?|api\/uploads\/tus(?:\/.*)?|upload\/?|portal\/profile\/?|track\/\d+\/(?:edit|replace)\/?|u\/[^/]+\/album\/[^/]+\/edit\/cover\/?)$/;

/** A form or a JSON body is a few fields. */
const MAX_BODY_BYTES = 64 * 1024;
/** A release is edited whole: the words of up to 200 tracks. */
const RELEASE = /^\/(?:api\/releases|upload)\/[^/]+\/?$/;
export const MAX_RELEASE_BYTES = 4 * 1024 * 1024;
const QUEUE = /^\/api\/queue\/?$/;
/** From the first to the last byte of it. */
const BODY_LIMIT_MS = 20_000;

/**
 * Reads every body that is not streamed here, within a limit: whatever parses it later (SvelteKit
 * reads whole forms) has it in memory, and nobody may decide how much that is or how long it takes.
 */
export const bodyLimit: Handle = async ({ event, resolve }) => {
	const { request, url } = event;
	if (!request.body || STREAMED.test(url.pathname)) return resolve(event);
	try {
		const body = await readBounded(request.body, maxBytesOf(url.pathname));
		const { method, headers, signal } = request;
		event.request = new Request(request.url, { method, headers, signal, body });
	} catch (cause) {
		return cause instanceof DomainError ? refuse(event, cause) : apiFailure(event, cause);
	}
	return resolve(event);
};

function maxBytesOf(pathname: string): number {
	if (QUEUE.test(pathname)) return MAX_QUEUE_BYTES;
	return RELEASE.test(pathname) ? MAX_RELEASE_BYTES : MAX_BODY_BYTES;
}

async function readBounded(
	body: ReadableStream<Uint8Array>,
	maxBytes: number
): Promise<Uint8Array<ArrayBuffer>> {
	const reader = body.getReader();
	const chunks: Uint8Array[] = [];
	let sizeBytes = 0;
	const late = new DomainError(408, 'body_timeout', 'the request took too long to arrive');
	const timer = setTimeout(() => void reader.cancel(late), BODY_LIMIT_MS);
	const startedAt = performance.now();
	try {
		for (;;) {
			const { done, value } = await reader.read();
			if (performance.now() - startedAt >= BODY_LIMIT_MS) throw late;
			if (done) return new Uint8Array(Buffer.concat(chunks));
			sizeBytes += value.byteLength;
			if (sizeBytes > maxBytes) {
				throw tooLarge('body_too_large', `a request like this has at most ${maxBytes} bytes`);
			}
			chunks.push(value);
		}
	} finally {
		clearTimeout(timer);
		// not cancelled: that would close the connection before the answer is read (unread-body.ts)
		reader.releaseLock();
	}
}
