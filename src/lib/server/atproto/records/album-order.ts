import { sql, type Transaction } from 'kysely';
import type { Database } from '#lib/server/db/schema.ts';

type Trx = Transaction<Database>;

/**
 * Makes changes of one artist's albums, and of which tracks are in them, follow each other. To be
 * taken before any of those rows is changed: a track and the list that has it may arrive at the
 * same moment, and neither sees the other before its commit.
 */
export async function lockAlbums(trx: Trx, did: string): Promise<void> {
	await sql`select pg_advisory_xact_lock(hashtextextended(${`albums:${did}`}, 0))`.execute(trx);
}

/**
 * Puts a track into an album, or takes it out (null). On the album's list it has the list's place;
 * otherwise tracks stand in the order they were created, whichever of them was finished first. One
 * that is in the album already keeps its place.
 */
export async function moveTrack(trx: Trx, trackId: number, albumId: string | null): Promise<void> {
	const track = await trx
		.selectFrom('tracks')
		.select(['album_id', 'created_at', 'rkey'])
		.where('id', '=', trackId)
		.executeTakeFirstOrThrow();
	if (track.album_id !== albumId) {
		const position = albumId === null ? null : await makeRoomByAge(trx, albumId, track);
		await trx
			.updateTable('tracks')
			.set({ album_id: albumId, album_position: position })
			.where('id', '=', trackId)
			.execute();
	}
	if (albumId !== null) await followList(trx, albumId);
}

/** The place before the first track that was created later, after moving those up by one. */
async function makeRoomByAge(
	trx: Trx,
	albumId: string,
	track: { created_at: Date; rkey: string }
): Promise<number> {
	const { first, last } = await trx
		.selectFrom('tracks')
		.where('album_id', '=', albumId)
		.select([
			sql<number | null>`min(album_position) filter (
				where (created_at, rkey) > (${track.created_at}, ${track.rkey}))`.as('first'),
			sql<number | null>`max(album_position)`.as('last')
		])
		.executeTakeFirstOrThrow();
	if (first === null) return (last ?? 0) + 1;
	await makeRoom(trx, albumId, first);
	return first;
}

/** Moves the tracks from a position on up by one. */
export async function makeRoom(trx: Trx, albumId: string, position: number): Promise<void> {
	await trx
		.updateTable('tracks')
		.set((eb) => ({ album_position: eb('album_position', '+', 1) }))
		.where('album_id', '=', albumId)
		.where('album_position', '>=', position)
		.execute();
}

/**
 * Gives the tracks of an album the order of its list. Where they have it already nothing changes:
 * tracks that are not on the list yet keep their places between the others.
 */
export async function followList(trx: Trx, albumId: string): Promise<void> {
	const tracks = await trx
		.selectFrom('tracks')
		.leftJoin('album_items as item', (join) =>
			join.on('item.album_id', '=', albumId).onRef('item.subject_uri', '=', 'tracks.record_uri')
		)
		.select(['tracks.id', 'tracks.album_position', 'item.position as listed_at'])
		.where('tracks.album_id', '=', albumId)
		.orderBy('item.position', (order) => order.asc().nullsLast())
		.orderBy('tracks.album_position')
		.orderBy('tracks.id')
		.execute();
	const listed = tracks.filter((track) => track.listed_at !== null);
	const isInOrder = listed.every(
		({ album_position: at }, n) =>
			at !== null && (n === 0 || at > (listed[n - 1]?.album_position ?? at))
	);
	if (isInOrder) return;
	const ids = JSON.stringify(tracks.map((track) => track.id));
	await sql`
		update tracks set album_position = ordering.position
		from jsonb_array_elements_text(${ids}::text::jsonb) with ordinality as ordering (id, position)
		where tracks.id = ordering.id::bigint`.execute(trx);
}
