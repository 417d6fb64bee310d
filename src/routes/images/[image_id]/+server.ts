import { notFound } from '#lib/server/errors.ts';
import { api } from '#lib/server/http/respond.ts';
import { answerObject } from '#lib/server/http/stored-object.ts';
import { getImageRendition } from '#lib/server/media/images.ts';
import type { RequestEvent } from './$types.js';

/**
 * A picture: `?size=96|320|640|1200|1400&shape=square|full&format=avif|webp|jpeg`, all of which may be
 * left out. Without a format, the smallest one the browser names in its Accept header.
 */
export const GET = api(async (event: RequestEvent) => {
	const { ctx } = event.locals;
	const { searchParams } = event.url;
	const format = searchParams.get('format');
	const rendition = await getImageRendition(ctx, event.params.image_id, {
		size: searchParams.get('size'),
		shape: searchParams.get('shape'),
		format,
		accept: event.request.headers.get('accept')
	});
	const { storageKey: key, contentType, sha256, createdAt: lastModified } = rendition;
	const describe = async () => {
		const facts = await ctx.storage.head(key);
		if (!facts) throw notFound('image not found', 'image_not_found');
		return { key, sizeBytes: facts.sizeBytes, contentType, sha256, lastModified };
	};
	const response = await answerObject(event, key, describe, 'image not found');
	if (format === null) response.headers.append('vary', 'accept');
	return response;
});
