import type { Viewer } from '#lib/auth/viewer.ts';
import type { Context } from '#lib/server/context.ts';
import { ownAlbum } from './own-album.ts';
import { requireListPermission } from './permission.ts';
import { changeAlbumRow } from './queries.ts';
import { enqueueAlbumSync } from './sync-album.ts';

/**
 * Deletes an album of the viewer's own: it is gone from every page at once, and a job takes away
 * its record, and its tracks when they are to go too.
 * @throws DomainError 404, 403 `not_your_album` or `permission_needed`, 401 `sign_in_again`
 */
export async function deleteAlbum(
	ctx: Context,
	viewer: Viewer,
	id: string,
	{ withTracks }: { withTracks: boolean }
): Promise<void> {
	const album = await ownAlbum(ctx, viewer, id);
	if (album.record_uri !== null) await requireListPermission(ctx, viewer.did);
	await ctx.db.transaction().execute(async (trx) => {
		await changeAlbumRow(trx, id, { deletion: withTracks ? 'with_tracks' : 'keep_tracks' });
		await enqueueAlbumSync(ctx, trx, id, 0);
	});
}
