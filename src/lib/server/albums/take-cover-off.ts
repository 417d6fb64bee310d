import { SignInAgain } from '#lib/server/atproto/oauth-errors.ts';
import type { Context } from '#lib/server/context.ts';
import { conflict, unavailable } from '#lib/server/errors.ts';
import { keepForRecord } from './kept-change.ts';
import { permissionNeeded } from './permission.ts';
import { type AlbumRow, changeAlbumRow, lockAlbumRow } from './queries.ts';

/**
 * Has an album do without a cover that is not there any more; one that was given another cover
 * meanwhile keeps that. An album that has a record says so itself, by the job that keeps albums; one
 * that only tracks name stays without one.
 * @throws what has to happen first to an album that is being changed: SignInAgain; DomainError 403
 *   `permission_needed`, 409 `album_refused`, 503 `album_changing`
 */
export async function takeCoverOff(
	ctx: Pick<Context, 'db' | 'jobs' | 'log'>,
	albumId: string,
	imageId: string
): Promise<void> {
	const isTakenOff = await ctx.db.transaction().execute(async (trx) => {
		const album = await lockAlbumRow(trx, albumId);
		if (!album || album.deletion !== null || album.image_id !== imageId) return false;
		if (album.rkey === null) {
			await changeAlbumRow(trx, albumId, { image_id: null });
			return true;
		}
		// the change under way may be another cover, and would lose it to this one
		if (album.sync_wanted > album.sync_done) throw whatComesFirst(album);
		await keepForRecord(ctx, trx, album, { imageId: null });
		return true;
	});
	if (isTakenOff) {
		ctx.log.info('album_cover_dropped', { albumId, imageId, why: 'repair: it was missing' });
	}
}

function whatComesFirst({ artist_did: did, waiting_code: code }: AlbumRow): Error {
	if (code === 'sign_in_again') return new SignInAgain(did);
	if (code === 'permission_needed') return permissionNeeded();
	if (code === 'record_refused') {
		return conflict(
			'album_refused',
			'your personal data server refused the last change of this album. save the album again, then repair it'
		);
	}
	return unavailable('album_changing', 'an album is being changed. try again in a moment', {
		retryAfterSeconds: 5
	});
}
