import type { RequestEvent } from '@sveltejs/kit';
import { notFound } from '#lib/server/errors.ts';
import { describeError } from '#lib/server/log.ts';
import { ObjectNotFound, ObjectTooShort } from '#lib/server/storage/errors.ts';
import { contentDisposition } from './content-disposition.ts';
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
		const { storage } = ctx.config;
		const who = storage.backend === 's3' && storage.isPrivate ? 'private' : 'public';
		const headers = {
			location,
			'cache-control': `${who}, max-age=${REDIRECT_FRESH_SECONDS}`,
			'access-control-allow-origin': '*'
		};
		return new Response(null, { status: 307, headers });
	}
	return await serveObject({ request, locals: { ctx, log } }, describe, missing);
}

type Served = Pick<RequestEvent, 'request'> & { locals: Pick<App.Locals, 'ctx' | 'log'> };

async function serveObject(
	{ request, locals: { ctx, log } }: Served,
	describe: () => SendableObject | Promise<SendableObject>,
	missing: string
): Promise<Response> {
	const object = await describe();
	try {
		return await sendObject(request, ctx.storage, object);
	} catch (cause) {
		if (!(cause instanceof ObjectNotFound || cause instanceof ObjectTooShort)) throw cause;
		// a row without its bytes is a loss somebody must look into
		log.error('stored_object_missing', { key: object.key, ...describeError(cause) });
		throw notFound(missing);
	}
}

/**
 * Answers with a stored object to be saved by one person, by its `fileName`: nobody may keep the
 * answer, as somebody else may be refused, and so may they tomorrow.
 * @throws DomainError 404
 */
export async function answerDownload(
	event: RequestEvent,
	object: SendableObject & { fileName: string },
	missing: string
): Promise<Response> {
	const disposition = contentDisposition('attachment', object.fileName);
	const location = await event.locals.ctx.storage.downloadUrl(object.key, disposition);
	const response =
		location === null
			? await serveObject(event, () => object, missing)
			: new Response(null, { status: 307, headers: { location } });
	const { headers } = response;
	headers.set('cache-control', 'private, no-cache');
	if (location === null) headers.set('content-disposition', disposition);
	headers.delete('access-control-allow-origin');
	headers.delete('access-control-expose-headers');
	headers.set('cross-origin-resource-policy', 'same-origin');
	return response;
}
