import { TID } from '@atproto/common-web';
import { type Transaction } from 'kysely';
import type { Viewer } from '#lib/auth/viewer.ts';
import { lockAlbums } from '#lib/server/atproto/records/album-order.ts';
import { claimSlug, freeSlug, selectCalled } from '#lib/server/atproto/records/album-slug.ts';
import type { Context } from '#lib/server/context.ts';
import type { AlbumChange, Database } from '#lib/server/db/schema.ts';
import { unprocessable } from '#lib/server/errors.ts';
import { describeError } from '#lib/server/log.ts';
import { findImage } from '#lib/server/media/images.ts';
import { checkTracks } from './check-tracks.ts';
import { readNewAlbum } from './fields.ts';
import { requireListPermission } from './permission.ts';
import { changeAlbumRow } from './queries.ts';
import { enqueueAlbumSync, syncAlbum } from './sync-album.ts';

/** The first attempt is made at once; this is when the job looks whether it succeeded. */
const SECOND_LOOK_SECONDS = 5;

/**
 * Makes an album, with the tracks that are named. Its record key is chosen here; the record is
 * written at once when the artist's server answers, and else by itself later.
 * @param options.mayWait a sign-in without the permission is no reason to refuse: the record waits
 * @returns the album's id
 * @throws DomainError 401 `sign_in_again`, 403 `permission_needed`, 409 `track_in_other_album`, 422
 * `invalid_field`: nothing was made then
 */
export async function createAlbum(
	ctx: Context,
	viewer: Viewer,
	input: AlbumChange,
	options: { mayWait?: boolean } = {}
): Promise<string> {
	const read = readNewAlbum(input);
	const { title, description = null, year = null, imageId = null, order = [] } = read;
	if (imageId !== null && !(await findImage(ctx, imageId))) {
		throw unprocessable('image_id', 'there is no picture with this id');
	}
	await checkTracks(ctx, { did: viewer.did, albumId: null }, order);
	if (!options.mayWait) await requireListPermission(ctx, viewer.did);
	const id = await ctx.db.transaction().execute(async (trx) => {
		const about = { did: viewer.did, title, description, year, imageId };
		const albumId = (await giveKeyToNamed(trx, about)) ?? (await insertAlbum(trx, about));
		// the record, which has yet to be written, is what puts tracks into an album
		const kept = { kept_change: JSON.stringify({ order }) };
		if (order.length > 0) await changeAlbumRow(trx, albumId, kept);
		await enqueueAlbumSync(ctx, trx, albumId, SECOND_LOOK_SECONDS);
		return albumId;
	});
	await syncAlbum(ctx, id).catch((cause: unknown) => {
		// the job tries again; until then the album says that it is on its way
		ctx.log.info('album_written_later', { albumId: id, ...describeError(cause) });
	});
	ctx.log.info('album_created', { albumId: id, did: viewer.did });
	return id;
}

/** What is known of an album before it has a record. */
export interface AlbumToBe {
	did: string;
	title: string;
	description: string | null;
	year: number | null;
	/** images.image_id */
	imageId: string | null;
}

/** The album of that title that only tracks named so far, from now on with a record key; undefined: there is none. */
async function giveKeyToNamed(
	trx: Transaction<Database>,
	{ did, title, description, year, imageId }: AlbumToBe
): Promise<string | undefined> {
	await lockAlbums(trx, did);
	const named = await selectCalled(trx, did, title)
		.select(['id', 'image_id'])
		.where('rkey', 'is', null)
		.where('deletion', 'is', null)
		.executeTakeFirst();
	if (!named) return undefined;
	await changeAlbumRow(trx, named.id, {
		rkey: TID.nextStr(),
		title,
		description,
		year,
		image_id: imageId ?? named.image_id
	});
	return named.id;
}

/** Keeps a new album with a record key and an address of its own. */
export async function insertAlbum(
	trx: Transaction<Database>,
	{ did, title, description, year, imageId }: AlbumToBe
): Promise<string> {
	await lockAlbums(trx, did);
	const slug = await freeSlug(trx, did, title, null);
	await claimSlug(trx, did, slug);
	const { id } = await trx
		.insertInto('albums')
		.values({
			artist_did: did,
			slug,
			title,
			description,
			year,
			image_id: imageId,
			rkey: TID.nextStr()
		})
		.returning('id')
		.executeTakeFirstOrThrow();
	return id;
}
