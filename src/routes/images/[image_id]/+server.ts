import { notFound } from '#lib/server/errors.ts';
import { api } from '#lib/server/http/respond.ts';
import { answerObject } from '#lib/server/http/stored-object.ts';
import { getImageRendition } from '#lib/server/media/images.ts';
import type { RequestEvent } from './$types.js';

/** A picture, cut to a square: `?size=320` or `1200`. */
export const GET = api(async (event: RequestEvent) => {
	const { ctx } = event.locals;
	const size = event.url.searchParams.get('size');
	const rendition = await getImageRendition(ctx, event.params.image_id, size);
	const { storageKey: key, contentType, sha256, createdAt: lastModified } = rendition;
	const describe = async () => {
		const facts = await ctx.storage.head(key);
		if (!facts) throw notFound('image not found', 'image_not_found');
		return { key, sizeBytes: facts.sizeBytes, contentType, sha256, lastModified };
	};
	return await answerObject(event, key, describe, 'image not found');
});
