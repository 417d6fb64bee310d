import type { Context } from '#lib/server/context.ts';
import { keepForRecord } from './kept-change.ts';
import { changeAlbumRow, findAlbumRow } from './queries.ts';

/**
 * Has an album do without its cover, which is not there any more. An album that has a record says
 * so itself, by the job that keeps albums; one that only tracks name stays without one.
 */
export async function takeCoverOff(
	ctx: Pick<Context, 'db' | 'jobs' | 'log'>,
	albumId: string
): Promise<void> {
	await ctx.db.transaction().execute(async (trx) => {
		const album = await findAlbumRow(trx, albumId);
		if (!album || album.deletion !== null) return;
		if (album.rkey === null) await changeAlbumRow(trx, albumId, { image_id: null });
		else await keepForRecord(ctx, trx, album, { imageId: null });
	});
	ctx.log.info('album_cover_dropped', { albumId, why: 'repair: it was missing' });
}
