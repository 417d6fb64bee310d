import { json } from '@sveltejs/kit';
import { api } from '#lib/server/http/respond.ts';
import { MAX_IMAGE_BYTES } from '#lib/server/media/images.ts';

export const trailingSlash = 'ignore';

const MEBIBYTE = 1024 * 1024;

/** What a client has to know before it sends a file. */
export const GET = api(({ locals }) =>
	json({
		max_upload_size_mb: Math.floor(locals.ctx.config.maxUploadBytes / MEBIBYTE),
		max_image_size_mb: MAX_IMAGE_BYTES / MEBIBYTE
	})
);
