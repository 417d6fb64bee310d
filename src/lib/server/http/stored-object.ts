import type { RequestEvent } from '@sveltejs/kit';
import { notFound } from '#lib/server/errors.ts';
import { describeError } from '#lib/server/log.ts';
import { ObjectNotFound, ObjectTooShort } from '#lib/server/storage/errors.ts';
import { type SendableObject, sendObject } from './send-object.ts';

/** An address stays valid for at least half of the time it was signed for, which is a minute or more. */
const REDIRECT_FRESH_SECONDS = 30;

/**
 * Answers with a stored object: by sending the browser to where the storage serves it, or by
 * serving it ourselves.
 * @param describe what the answer's head needs to know; only asked when we serve it
 * @param missing the sentence for an object that is not where its row says
 * @throws DomainError 404
 */
export async function answerObject(
	{ request, locals: { ctx, log } }: RequestEvent,
	key: string,
	describe: () => SendableObject | Promise<SendableObject>,
	missing: string
): Promise<Response> {
	const location = await ctx.storage.browserUrl(key);
	if (location !== null) {
		const headers = {
			location,
			'cache-control': `public, max-age=${REDIRECT_FRESH_SECONDS}`,
			'access-control-allow-origin': '*'
		};
		return new Response(null, { status: 307, headers });
	}
	try {
		return await sendObject(request, ctx.storage, await describe());
	} catch (cause) {
		if (!(cause instanceof ObjectNotFound || cause instanceof ObjectTooShort)) throw cause;
		// a row without its bytes is a loss somebody must look into
		log.error('stored_object_missing', { key, ...describeError(cause) });
		throw notFound(missing);
	}
}
