import type { Transaction } from 'kysely';
import type { Database } from '#lib/server/db/schema.ts';
import { followList } from './album-order.ts';

type Trx = Transaction<Database>;

/** Takes an album away that has no record, or none any more; its tracks stay. */
export async function dropAlbum(trx: Trx, albumId: string): Promise<void> {
	const items = await trx
		.deleteFrom('album_items')
		.where('album_id', '=', albumId)
		.returning('subject_uri')
		.execute();
	await trx
		.updateTable('tracks')
		.set({ album_id: null, album_position: null })
		.where('album_id', '=', albumId)
		.execute();
	await trx.deleteFrom('albums').where('id', '=', albumId).execute();
	await joinOtherLists(
		trx,
		items.map((item) => item.subject_uri)
	);
}

/**
 * Makes a list say what it says now. Tracks that have left it leave the album, those on it join; those
 * that were never on it wait to be put there, and stay.
 */
export async function replaceItems(
	trx: Trx,
	albumId: string,
	did: string,
	uris: string[]
): Promise<void> {
	const former = await trx
		.deleteFrom('album_items')
		.where('album_id', '=', albumId)
		.returning('subject_uri')
		.execute();
	if (uris.length > 0) {
		const items = uris.map((uri, n) => ({ album_id: albumId, position: n + 1, subject_uri: uri }));
		await trx.insertInto('album_items').values(items).execute();
	}
	const now = new Set(uris);
	const left = former.map((item) => item.subject_uri).filter((uri) => !now.has(uri));
	if (left.length > 0) {
		await trx
			.updateTable('tracks')
			.set({ album_id: null, album_position: null })
			.where('album_id', '=', albumId)
			.where('record_uri', 'in', left)
			.execute();
		await joinOtherLists(trx, left);
	}
	await join(trx, albumId, did);
}

/** Puts the artist's tracks on a list into its album, but those another list of theirs has already. */
async function join(trx: Trx, albumId: string, did: string): Promise<void> {
	await trx
		.updateTable('tracks')
		.from('album_items as item')
		.set({ album_id: albumId, album_position: null })
		.where('item.album_id', '=', albumId)
		.whereRef('item.subject_uri', '=', 'tracks.record_uri')
		.where('tracks.artist_did', '=', did)
		.where('tracks.album_id', 'is distinct from', albumId)
		.where((eb) =>
			eb.not(
				eb.exists(
					eb
						.selectFrom('album_items as other')
						.select('other.album_id')
						.whereRef('other.album_id', '=', 'tracks.album_id')
						.whereRef('other.subject_uri', '=', 'tracks.record_uri')
				)
			)
		)
		.execute();
	await followList(trx, albumId);
}

/** What has left one list may be on another. */
async function joinOtherLists(trx: Trx, uris: string[]): Promise<void> {
	if (uris.length === 0) return;
	const others = await trx
		.selectFrom('album_items as item')
		.innerJoin('albums', 'albums.id', 'item.album_id')
		.select(['albums.id', 'albums.artist_did'])
		.distinct()
		.where('item.subject_uri', 'in', uris)
		.orderBy('albums.id')
		.execute();
	for (const { id, artist_did: did } of others) await join(trx, id, did);
}
