import { jsonArrayFrom } from 'kysely/helpers/postgres';
import { publicAlbumsById, type ShownAlbumRow } from '#lib/server/albums/reading-queries.ts';
import { type ArtistRow, artistsByDid } from '#lib/server/artists/queries.ts';
import { builtOnce } from '#lib/server/db/built-once.ts';
import type { Db } from '#lib/server/db/connect.ts';
import { shortList } from '#lib/server/db/short-list.ts';
import { type TrackRow, tracksById } from '#lib/server/tracks/queries.ts';
import type { Found, FoundRefs } from './search.ts';

/** What is shown of what was found, the best first. What went off the lists meanwhile is left out. */
export interface FoundRows {
	tracks: TrackRow[];
	albums: ShownAlbumRow[];
	artists: ArtistRow[];
}

/** Reads all of it at once: to ask three times costs a page as much as all else about them. */
export async function readFoundRows(
	{ db }: { db: Db },
	{ kinds }: Pick<Found, 'kinds'>
): Promise<FoundRows> {
	const ids = refsOf(kinds.track).map(Number);
	const albumIds = refsOf(kinds.album);
	const dids = refsOf(kinds.artist);
	if (ids.length + albumIds.length + dids.length === 0) {
		return { tracks: [], albums: [], artists: [] };
	}
	const [found] = await read(db, shortList(ids), shortList(albumIds), shortList(dids));
	const tracks = (found?.tracks ?? []).map((row) => ({
		...row,
		created_at: new Date(row.created_at)
	}));
	const albums = (found?.albums ?? []).map((row) => ({
		...row,
		updated_at: new Date(row.updated_at)
	}));
	const artists = (found?.artists ?? []).map((row) => ({
		...row,
		created_at: new Date(row.created_at),
		updated_at: new Date(row.updated_at)
	}));
	const shown = tracks.filter(({ visibility }) => visibility === 'public');
	return {
		tracks: inOrder(ids, shown, ({ id }) => id),
		albums: inOrder(albumIds, albums, ({ id }) => id),
		artists: inOrder(dids, artists, ({ did }) => did)
	};
}

const refsOf = ({ entries }: FoundRefs): string[] => entries.map(({ ref }) => ref);

/** The query itself, so that a test can ask the database how it would be carried out. */
export const foundRows = (
	db: Db,
	ids: readonly number[],
	albumIds: readonly string[],
	dids: readonly string[]
) =>
	db.selectNoFrom([
		jsonArrayFrom(tracksById(db, ids)).as('tracks'),
		jsonArrayFrom(publicAlbumsById(db, albumIds)).as('albums'),
		jsonArrayFrom(artistsByDid(db, dids)).as('artists')
	]);

const read = builtOnce(foundRows);

function inOrder<Key, Row>(keys: readonly Key[], rows: Row[], keyOf: (row: Row) => Key): Row[] {
	const byKey = new Map(rows.map((row) => [keyOf(row), row]));
	return keys.flatMap((key) => byKey.get(key) ?? []);
}
