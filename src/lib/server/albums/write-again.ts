import type { Context } from '#lib/server/context.ts';
import { changeAlbumRow } from './queries.ts';
import { enqueueAlbumSync } from './sync-album.ts';

/**
 * Has the record of an album written anew under the key it had: it is gone from the repository, and
 * not because the album was deleted.
 */
export async function writeAlbumAgain(
	ctx: Pick<Context, 'db' | 'jobs'>,
	albumId: string
): Promise<void> {
	await ctx.db.transaction().execute(async (trx) => {
		await changeAlbumRow(trx, albumId, { record_uri: null, record_cid: null, record_rev: null });
		await enqueueAlbumSync(ctx, trx, albumId, 0);
	});
}
