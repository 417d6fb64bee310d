import { sql, type Transaction } from 'kysely';
import { albumSlug } from '#lib/albums/slug.ts';
import type { Database } from '#lib/server/db/schema.ts';
import { moveTrack } from './album-order.ts';
import { claimSlug, freeSlug, selectCalled } from './album-slug.ts';
import type { TrackRecord } from './track-record.ts';

type Trx = Transaction<Database>;

interface Placed {
	trackId: number;
	did: string;
	/** of the track's record */
	uri: string;
	record: TrackRecord;
	imageId: string | null;
	/** the album its record named before; undefined: it is new */
	namedBefore: string | null | undefined;
	/** the artist said so here: naming an album is the wish to be on its list */
	isOurs: boolean;
	/** the album it names is not to be: no list, no place */
	isApart: boolean;
}

/**
 * Puts a track where it belongs. An album with a record of its own (fm.plyr.list) says itself what
 * is on it. Where no such list has the track, its record decides: it is put into the album it
 * names, which is made when it does not exist and then gets the track's picture; or taken out when
 * it names none. An album that has a list is not changed by what others' programs write into
 * tracks, and a word that was there before moves nothing again.
 */
export async function placeInAlbum(trx: Trx, placed: Placed): Promise<void> {
	const { trackId, did, uri, record } = placed;
	const listing = await findListing(trx, did, uri, trackId);
	if (listing) {
		await moveTrack(trx, trackId, listing);
		return;
	}
	if (placed.isApart) return;
	if (placed.namedBefore !== undefined && placed.namedBefore === record.album) return;
	const album = record.album ? await getOrCreateAlbum(trx, placed, record.album) : null;
	const hasList = album !== null && album.record_uri !== null;
	const isRefused = hasList && !placed.isOurs;
	await moveTrack(trx, trackId, isRefused ? null : (album?.id ?? null));
}

/** The album whose list has this track: of several, the one it is in already. */
async function findListing(
	trx: Trx,
	did: string,
	uri: string,
	trackId: number
): Promise<string | undefined> {
	const listing = await trx
		.selectFrom('album_items')
		.innerJoin('albums', 'albums.id', 'album_items.album_id')
		.select('albums.id')
		.where('album_items.subject_uri', '=', uri)
		.where('albums.artist_did', '=', did)
		.orderBy(
			sql`albums.id is not distinct from (select album_id from tracks where id = ${trackId})`,
			'desc'
		)
		.orderBy('albums.record_uri')
		.executeTakeFirst();
	return listing?.id;
}

async function getOrCreateAlbum(
	trx: Trx,
	{ did, imageId }: Placed,
	title: string
): Promise<{ id: string; record_uri: string | null }> {
	const known =
		(await selectCalled(trx, did, title)
			.select(['id', 'record_uri'])
			// one that is being deleted takes nothing along that comes now
			.where('deletion', 'is', null)
			.executeTakeFirst()) ?? (await findRenamed(trx, did, albumSlug(title)));
	if (known) return known;
	const slug = await freeSlug(trx, did, title, null);
	await claimSlug(trx, did, slug);
	return await trx
		.insertInto('albums')
		.values({ artist_did: did, slug, title, image_id: imageId })
		.returning(['id', 'record_uri'])
		.executeTakeFirstOrThrow();
}

/** A record written before the album was renamed still means it. */
async function findRenamed(trx: Trx, did: string, slug: string) {
	return await trx
		.selectFrom('album_slugs')
		.innerJoin('albums', 'albums.id', 'album_slugs.album_id')
		.select(['albums.id', 'albums.record_uri'])
		.where('album_slugs.artist_did', '=', did)
		.where('album_slugs.slug', '=', slug)
		.where('albums.deletion', 'is', null)
		.executeTakeFirst();
}
