import type { Context } from '#lib/server/context.ts';
import { DomainError, invalid } from '#lib/server/errors.ts';
import { bodyChunks } from './body.ts';
import { keepStagedImage, stageImage } from './staged-image.ts';

/**
 * Receives artwork ahead of its track, as the bare body of a request: a resumable upload carries
 * one file, and names the picture by the id this returns.
 * @throws DomainError 415 `picture_expected`, 400 `missing_file`, 408; and as `storeImage` does
 */
export async function receiveImage(ctx: Context, request: Request): Promise<string> {
	refuseOtherThanBytes(request.headers.get('content-type') ?? '');
	const stagingId = await stageImage(ctx, bodyChunks(request.body, request.signal));
	if (stagingId === null) throw invalid('missing_file', 'there is no picture in this request');
	try {
		return await keepStagedImage(ctx, stagingId);
	} finally {
		await ctx.storage.staging.discard(stagingId);
	}
}

/** Without a type the body is not even read (SvelteKit), and a form is no picture. What it is, its bytes say. */
function refuseOtherThanBytes(contentType: string): void {
	if (/^(?:image\/|application\/octet-stream\b)/i.test(contentType)) return;
	throw new DomainError(
		415,
		'picture_expected',
		'send the picture itself as the body, with its content-type, such as image/jpeg'
	);
}
