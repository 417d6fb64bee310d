import { type Selectable, type Transaction } from 'kysely';
import type { AlbumTable, Database } from '#lib/server/db/schema.ts';
import { dropAlbum, replaceItems } from './album-items.ts';
import { lockAlbums } from './album-order.ts';
import { claimSlug, freeSlug, renameSlug, selectCalled } from './album-slug.ts';
import { existingImage } from './existing-image.ts';
import { decodeList, type ListRecord } from './list-record.ts';
import type { RecordSite } from './record-site.ts';
import { buryRecord, isBuried, lockRecord } from './tombstones.ts';

type Trx = Transaction<Database>;
type Album = Selectable<AlbumTable>;

/** A list record that was written, by us or by anybody. */
export interface ListWritten {
	did: string;
	rkey: string;
	cid: string;
	/** revision of the repository it came with; null when it was read without one */
	rev: string | null;
	record: unknown;
}

/** What came of it. `ignored` is a reason, not an error. */
export type ListIndexed =
	| { albumId: string }
	| {
			ignored:
				/** a newer version of the same record, or its deletion, is known */
				| 'stale'
				| 'deleted'
				/** nobody with a profile here */
				| 'unknown_artist'
				/** a list of another kind */
				| 'not_an_album';
	  };

/** Address of a list record. */
export const listUri = (site: RecordSite, did: string, rkey: string) =>
	`at://${did}/${site.listCollection}/${rkey}`;

/**
 * The one door by which an album's record enters the index: for our own writes, for the network's
 * and for a rebuild. It writes what the record says, may be called again with the same event, and
 * an older event changes nothing. Which tracks are in the album, and their order, follows its
 * items, whichever of list and tracks is indexed first.
 * @throws InvalidRecord when the record does not fit the lexicon
 */
export async function index(trx: Trx, site: RecordSite, event: ListWritten): Promise<ListIndexed> {
	const record = decodeList(site, event.record);
	const uri = listUri(site, event.did, event.rkey);
	await lockRecord(trx, uri);
	await lockAlbums(trx, event.did);
	const known = await findByUri(trx, uri);
	if (known && isOlder(event.rev, known.record_rev)) return { ignored: 'stale' };
	if (!known && (await isBuried(trx, uri, event.rev))) return { ignored: 'deleted' };
	if (!record.isAlbum) {
		if (known) await dropAlbum(trx, known.id);
		return { ignored: 'not_an_album' };
	}
	const artist = await trx
		.selectFrom('artists')
		.select('did')
		.where('did', '=', event.did)
		.executeTakeFirst();
	if (!artist) return { ignored: 'unknown_artist' };

	const album = known ?? (await findReserved(trx, event)) ?? (await adopt(trx, event, record));
	const facts = {
		rkey: event.rkey,
		record_uri: uri,
		record_cid: event.cid,
		record_rev: event.rev ?? known?.record_rev ?? null,
		description: record.description,
		year: record.year,
		image_id: await existingImage(trx, record.imageId),
		updated_at: new Date()
	};
	const albumId = album
		? await update(trx, album, record, facts)
		: await insert(trx, event.did, record, facts);
	await replaceItems(trx, albumId, event.did, record.uris);
	return { albumId };
}

/**
 * Takes an album out of the index and remembers that its record was deleted, so that an older
 * event cannot bring it back. Its tracks stay, outside of any album.
 * @returns whether there was such an album
 */
export async function remove(
	trx: Trx,
	site: RecordSite,
	{ did, rkey, rev }: { did: string; rkey: string; rev: string | null }
): Promise<boolean> {
	const uri = listUri(site, did, rkey);
	await lockRecord(trx, uri);
	await lockAlbums(trx, did);
	const known = await findByUri(trx, uri);
	if (known && isOlder(rev, known.record_rev)) return false;
	await buryRecord(trx, uri, rev);
	if (known) await dropAlbum(trx, known.id);
	return known !== undefined;
}

/** Revisions are TIDs: they sort as text. One that is unknown is taken to be the present one. */
const isOlder = (rev: string | null, than: string | null) =>
	rev !== null && than !== null && rev < than;

async function findByUri(trx: Trx, uri: string): Promise<Album | undefined> {
	return await trx
		.selectFrom('albums')
		.selectAll()
		.where('record_uri', '=', uri)
		.executeTakeFirst();
}

/** The album for which this record key was chosen, when the record is written the first time. */
async function findReserved(trx: Trx, { did, rkey }: ListWritten): Promise<Album | undefined> {
	return await trx
		.selectFrom('albums')
		.selectAll()
		.where('artist_did', '=', did)
		.where('rkey', '=', rkey)
		.executeTakeFirst();
}

/** The album of this title that only tracks named so far. From now on the list says what is on it. */
async function adopt(
	trx: Trx,
	{ did }: ListWritten,
	record: ListRecord
): Promise<Album | undefined> {
	const album = await selectCalled(trx, did, titleOf(record))
		.selectAll()
		.where('rkey', 'is', null)
		.executeTakeFirst();
	if (!album) return undefined;
	await trx
		.updateTable('tracks')
		.set({ album_id: null, album_position: null })
		.where('album_id', '=', album.id)
		.execute();
	return album;
}

const titleOf = (record: ListRecord) => record.name ?? 'untitled';

type Facts = Pick<
	Album,
	| 'rkey'
	| 'record_uri'
	| 'record_cid'
	| 'record_rev'
	| 'description'
	| 'year'
	| 'image_id'
	| 'updated_at'
>;

async function update(trx: Trx, album: Album, record: ListRecord, facts: Facts): Promise<string> {
	const title = titleOf(record);
	const slug = await renameSlug(trx, album, title);
	await trx
		.updateTable('albums')
		.set({ ...facts, title, slug })
		.where('id', '=', album.id)
		.execute();
	return album.id;
}

async function insert(trx: Trx, did: string, record: ListRecord, facts: Facts): Promise<string> {
	const title = titleOf(record);
	const slug = await freeSlug(trx, did, title, null);
	await claimSlug(trx, did, slug);
	const { id } = await trx
		.insertInto('albums')
		.values({ ...facts, artist_did: did, title, slug, created_at: record.createdAt })
		.returning('id')
		.executeTakeFirstOrThrow();
	return id;
}
