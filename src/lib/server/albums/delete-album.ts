import type { AlbumInDeletion } from '#lib/albums/album-in-deletion.ts';
import type { Viewer } from '#lib/auth/viewer.ts';
import { lockAlbums } from '#lib/server/atproto/records/album-order.ts';
import type { Context } from '#lib/server/context.ts';
import type { Db } from '#lib/server/db/connect.ts';
import { DomainError, notFound } from '#lib/server/errors.ts';
import { ownAlbumAt } from './albums.ts';
import { isAlbumId, ownAlbum } from './own-album.ts';
import { hasToSignInFirst, requireListPermission } from './permission.ts';
import { presentDeletion } from './present.ts';
import { changeAlbumRow, findAlbumRow, findOwnDeletions, markReleases } from './queries.ts';
import { enqueueAlbumSync } from './sync-album.ts';

/**
 * Deletes an album of the viewer's own: it is gone from every page at once, and a job takes away
 * its record, and its tracks when they are to go too. The releases it was made of know from now on
 * that it is gone: what of them is still on its way becomes tracks without an album, or none.
 * @throws DomainError 404, 403 `not_your_album` or `permission_needed`, 401 `sign_in_again`
 */
export async function deleteAlbum(
	ctx: Context,
	viewer: Viewer,
	id: string,
	{ withTracks }: { withTracks: boolean }
): Promise<void> {
	const unpermitted = await whyNotPermitted(ctx, viewer.did);
	const deletion = withTracks ? 'with_tracks' : 'keep_tracks';
	await ctx.db.transaction().execute(async (trx) => {
		// whoever lists a track of a release asks about its album under the same lock
		await lockAlbums(trx, viewer.did);
		const album = await ownAlbum({ db: trx }, viewer, id).catch(async (cause: unknown) => {
			throw isAlbumMissing(cause) ? await whyMissing(trx, viewer, id) : cause;
		});
		if (album.record_uri !== null && unpermitted) throw unpermitted;
		// what its record waited for is over; what the deletion waits for is said anew
		await changeAlbumRow(trx, id, { deletion, waiting_code: null, waiting_since: null });
		await markReleases(trx, id, deletion);
		await enqueueAlbumSync(ctx, trx, id, 0);
	});
}

/**
 * The same for the album at an address, for people: who asks twice has what they wanted.
 * @returns whether there was such an album still
 * @throws DomainError 403 and 401 as `deleteAlbum`
 */
export async function deleteAlbumAt(
	ctx: Context,
	viewer: Viewer,
	{ handle, slug }: { handle: string; slug: string },
	options: { withTracks: boolean }
): Promise<boolean> {
	try {
		const { id } = await ownAlbumAt(ctx, viewer, handle, slug);
		await deleteAlbum(ctx, viewer, id, options);
		return true;
	} catch (cause) {
		if (isAlbumMissing(cause)) return false;
		throw cause;
	}
}

/** What the viewer has deleted and is not gone everywhere yet. */
export async function listOwnAlbumDeletions(
	ctx: Pick<Context, 'db'>,
	viewer: Viewer
): Promise<AlbumInDeletion[]> {
	return (await findOwnDeletions(ctx.db, viewer.did)).map(presentDeletion);
}

const isAlbumMissing = (cause: unknown) =>
	cause instanceof DomainError && cause.code === 'album_not_found';

/** Nothing is left of an album that is gone everywhere: it cannot be told from one that never was. */
async function whyMissing(db: Db, viewer: Viewer, id: string): Promise<DomainError> {
	const row = isAlbumId(id) ? await findAlbumRow(db, id) : undefined;
	return notFound(
		row?.artist_did === viewer.did
			? 'there is no such album any more: it was deleted already'
			: 'there is no album with this id: there never was one, or it was deleted already',
		'album_not_found'
	);
}

/** Asked outside of the transaction: it takes a connection of its own. */
async function whyNotPermitted(ctx: Context, did: string): Promise<Error | null> {
	try {
		await requireListPermission(ctx, did);
		return null;
	} catch (cause) {
		if (hasToSignInFirst(cause)) return cause;
		throw cause;
	}
}
