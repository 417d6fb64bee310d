import { dropAlbum } from '#lib/server/atproto/records/album-items.ts';
import { lockAlbums } from '#lib/server/atproto/records/album-order.ts';
import * as listRecord from '#lib/server/atproto/records/list.ts';
import { recordSite } from '#lib/server/atproto/records/record-site.ts';
import { deleteRecord } from '#lib/server/atproto/repo.ts';
import type { Context } from '#lib/server/context.ts';
import { deleteTracksOf } from '#lib/server/tracks/delete-track.ts';
import { type AlbumRow, findMembers } from './queries.ts';

/**
 * Ends the deletion of an album: its tracks when they are to go too, its record, its row. May be
 * interrupted anywhere and done again.
 * @throws SignInAgain, PdsUnavailable, PdsRefusal
 */
export async function finishDeletion(
	ctx: Context,
	album: AlbumRow,
	signal?: AbortSignal
): Promise<void> {
	const { id, artist_did: did, rkey } = album;
	if (album.deletion === 'with_tracks') {
		const members = await findMembers(ctx.db, id);
		await deleteTracksOf(
			ctx,
			members.map((track) => track.id)
		);
	}
	signal?.throwIfAborted();
	const rev = await deleteListRecord(ctx, album, signal);
	await ctx.db.transaction().execute(async (trx) => {
		if (rkey !== null) await listRecord.remove(trx, recordSite(ctx.config), { did, rkey, rev });
		await lockAlbums(trx, did);
		await dropAlbum(trx, id);
	});
	ctx.log.info('album_deleted', {
		albumId: id,
		recordUri: album.record_uri,
		tracks: album.deletion
	});
}

/** Also one whose writing we never heard of, if it could be written at all. */
async function deleteListRecord(
	ctx: Context,
	{ artist_did: did, rkey, record_uri: uri }: AlbumRow,
	signal?: AbortSignal
): Promise<string | null> {
	const collection = ctx.config.atproto.listCollection;
	if (rkey === null) return null;
	const missing = uri === null ? await ctx.oauth.missingOf(did, `repo:${collection}`) : [];
	if (missing !== null && missing.length > 0) return null;
	return await deleteRecord(ctx, { did, collection, rkey }, signal);
}
