import type { Transaction } from 'kysely';
import { dropAlbum } from '#lib/server/atproto/records/album-items.ts';
import { lockAlbums } from '#lib/server/atproto/records/album-order.ts';
import * as listRecord from '#lib/server/atproto/records/list.ts';
import { recordSite } from '#lib/server/atproto/records/record-site.ts';
import { lockRecord } from '#lib/server/atproto/records/tombstones.ts';
import { deleteRecord } from '#lib/server/atproto/repo.ts';
import type { Context } from '#lib/server/context.ts';
import type { Database } from '#lib/server/db/schema.ts';
import { DomainError } from '#lib/server/errors.ts';
import { deleteTracksOf } from '#lib/server/tracks/delete-track.ts';
import { discardRest } from '#lib/server/uploads/discard-rest.ts';
import { type AlbumRow, findMembers } from './queries.ts';

/**
 * Ends the deletion of an album: its tracks when they are to go too, with what is still on its way
 * to become one, its record, its row. May be interrupted anywhere and done again.
 * @throws SignInAgain, PdsUnavailable, PdsRefusal
 */
export async function finishDeletion(
	ctx: Context,
	album: AlbumRow,
	signal?: AbortSignal
): Promise<void> {
	let isDropped = false;
	while (!isDropped) {
		if (album.deletion === 'with_tracks') await deleteMembers(ctx, album, signal);
		signal?.throwIfAborted();
		const rev = await deleteListRecord(ctx, album, signal);
		isDropped = await ctx.db.transaction().execute((trx) => drop(ctx, trx, album, rev));
	}
	ctx.log.info('album_deleted', {
		albumId: album.id,
		recordUri: album.record_uri,
		tracks: album.deletion
	});
}

async function deleteMembers(
	ctx: Context,
	{ id }: AlbumRow,
	signal: AbortSignal | undefined
): Promise<void> {
	const members = await findMembers(ctx.db, id);
	await deleteTracksOf(
		ctx,
		members.map((track) => track.id)
	);
	await discardRest(ctx, id, signal);
}

/** @returns false when a track that is to go has come into it meanwhile */
async function drop(
	ctx: Context,
	trx: Transaction<Database>,
	{ id, artist_did: did, rkey, deletion }: AlbumRow,
	rev: string | null
): Promise<boolean> {
	const site = recordSite(ctx.config);
	if (rkey !== null) await lockRecord(trx, listRecord.listUri(site, did, rkey));
	await lockAlbums(trx, did);
	const members = await findMembers(trx, id);
	if (deletion === 'with_tracks' && members.length > 0) return false;
	if (deletion === 'keep_tracks') await refuseWhileNaming(ctx, trx, members);
	if (rkey !== null) await listRecord.remove(trx, site, { did, rkey, rev });
	await dropAlbum(trx, id);
	return true;
}

/**
 * A record that comes to say the title after the album is gone would make an album of it again: what
 * was renamed is written first.
 * @throws DomainError 503 `album_changing`: the job is tried again
 */
async function refuseWhileNaming(
	ctx: Context,
	trx: Transaction<Database>,
	members: readonly { id: number }[]
): Promise<void> {
	const ids = members.map(({ id }) => id);
	if (!(await ctx.jobs.hasTrackJob(trx, ids, 'name_album'))) return;
	throw new DomainError(503, 'album_changing', 'its tracks are being given the new title first');
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
