import { TID } from '@atproto/common-web';
import type { Viewer } from '#lib/auth/viewer.ts';
import { PdsRefusal } from '#lib/server/atproto/oauth-errors.ts';
import { InvalidRecord } from '#lib/server/atproto/records/invalid-record.ts';
import { forgetCoverProblem } from '#lib/server/catalogue/forget.ts';
import type { Context } from '#lib/server/context.ts';
import type { AlbumChange } from '#lib/server/db/schema.ts';
import { DomainError, unprocessable } from '#lib/server/errors.ts';
import { findImage } from '#lib/server/media/images.ts';
import { cleanLine, cleanLines } from '#lib/server/uploads/clean-text.ts';
import { checkTracks } from './check-tracks.ts';
import { readChange } from './fields.ts';
import { keepForRecord } from './kept-change.ts';
import { albumNotFound, ownAlbum } from './own-album.ts';
import { isPermissionRefused, permissionNeeded, requireListPermission } from './permission.ts';
import { type AlbumRow, changeAlbumRow, findAlbumRow, findMembers, wantSync } from './queries.ts';
import { enqueueSecondLook } from './sync-album.ts';
import { agree } from './sync.ts';

/**
 * Changes an album of the viewer's own: first its record, by reading it, laying over it what
 * changed, and writing it back; then the index. Fields and items of other programs stay. An album
 * that only tracks named so far gets its record by this.
 * @throws DomainError 404, 403 `not_your_album` or `permission_needed`, 401 `sign_in_again`, 409
 * `track_in_other_album`, 422 `invalid_field`, 502 `record_refused`, 503
 */
export async function changeAlbum(
	ctx: Context,
	viewer: Viewer,
	id: string,
	input: AlbumChange
): Promise<void> {
	const album = await ownAlbum(ctx, viewer, id);
	const change = await checkChange(ctx, album, input);
	await requireListPermission(ctx, viewer.did);
	const current = await beginChange(ctx, album);
	const outcome = await agree(ctx, current, change).catch(async (cause: unknown) => {
		// it may be written all the same, and only now
		await ctx.db.transaction().execute((trx) => enqueueSecondLook(ctx, trx, id));
		throw asOurs(cause);
	});
	if (outcome === 'deleted_elsewhere') throw albumNotFound();
	if (input.imageId !== undefined) await forgetCoverProblem(ctx.db, id);
	ctx.log.info('album_changed', { albumId: id, fields: Object.keys(change) });
}

/**
 * Keeps a change of an album whose artist has to sign in first: it is made by itself after that.
 * @throws DomainError 404, 403, 409, 422 as `changeAlbum`
 */
export async function keepChange(
	ctx: Context,
	viewer: Viewer,
	id: string,
	input: AlbumChange
): Promise<void> {
	const album = await ownAlbum(ctx, viewer, id);
	const change = await checkChange(ctx, album, input);
	await ctx.db.transaction().execute((trx) => keepForRecord(ctx, trx, album, change));
}

/** Gives the album its record key, once, and asks for the second look. */
async function beginChange(ctx: Context, album: AlbumRow): Promise<AlbumRow & { rkey: string }> {
	return await ctx.db.transaction().execute(async (trx) => {
		await wantSync(trx, album.id);
		const current = await findAlbumRow(trx, album.id);
		if (!current) throw new Error('the album is gone');
		const rkey = current.rkey ?? TID.nextStr();
		if (current.rkey === null) await changeAlbumRow(trx, album.id, { rkey });
		await enqueueSecondLook(ctx, trx, album.id);
		return { ...current, rkey };
	});
}

/** What really changes: a form sends everything, and another program may have changed the rest meanwhile. */
async function checkChange(
	ctx: Context,
	album: AlbumRow,
	input: AlbumChange
): Promise<AlbumChange> {
	const change = readChange(input);
	if (change.imageId && !(await findImage(ctx, change.imageId))) {
		throw unprocessable('image_id', 'there is no picture with this id');
	}
	await checkTracks(ctx, { did: album.artist_did, albumId: album.id }, change.order ?? []);
	// another program may have written them with other spaces: sent back they are cleaned
	const now = {
		title: cleanLine(album.title),
		description: cleanLines(album.description ?? '') || null,
		year: album.year,
		imageId: album.image_id
	};
	const standing: AlbumChange = { ...now, ...album.kept_change };
	const isNew = ([name, value]: [string, unknown]) => standing[name as keyof typeof now] !== value;
	return Object.fromEntries(Object.entries(change).filter(isNew));
}

/** The whole order of an album: what is not named goes. */
export async function changeOfWholeOrder(
	ctx: Pick<Context, 'db'>,
	albumId: string,
	order: number[]
): Promise<Pick<AlbumChange, 'order' | 'removed'>> {
	const members = await findMembers(ctx.db, albumId);
	const removed = members.map((track) => track.id).filter((id) => !order.includes(id));
	return { order, removed };
}

/** What a PDS or a lexicon says about an album, in a sentence. */
function asOurs(cause: unknown): unknown {
	if (isPermissionRefused(cause)) return permissionNeeded();
	if (cause instanceof PdsRefusal || cause instanceof InvalidRecord) {
		const sentence = `your personal data server refused the album: ${cause.message}`;
		return new DomainError(502, 'record_refused', sentence, { cause });
	}
	return cause;
}
