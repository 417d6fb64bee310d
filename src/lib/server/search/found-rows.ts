import type { ShownAlbumRow } from '#lib/server/albums/reading-queries.ts';
import type { ArtistRow } from '#lib/server/artists/queries.ts';
import type { TrackRow } from '#lib/server/tracks/queries.ts';
import type { Answer, FoundEntry } from './queries.ts';

/** What is shown of what was found, the best first. What went off the lists meanwhile is left out. */
export interface FoundRows {
	tracks: TrackRow[];
	albums: ShownAlbumRow[];
	artists: ArtistRow[];
}

/** Those of the shown entries, in their order, with their times as the database's client has them. */
export function foundRows(
	{ tracks, albums, artists }: Answer,
	{ track, album, artist }: Record<'track' | 'album' | 'artist', readonly FoundEntry[]>
): FoundRows {
	const shown = tracks
		.filter(({ visibility }) => visibility === 'public')
		.map((row) => withTimes(row, { created_at: new Date(row.created_at) }));
	const dated = artists.map((row) =>
		withTimes(row, { created_at: new Date(row.created_at), updated_at: new Date(row.updated_at) })
	);
	return {
		tracks: inOrder(track, shown, ({ id }) => String(id)),
		albums: inOrder(
			album,
			albums.map((row) => withTimes(row, { updated_at: new Date(row.updated_at) })),
			({ id }) => id
		),
		artists: inOrder(artist, dated, ({ did }) => did)
	};
}

/** The row itself: nobody else has it, and a copy of so many columns costs more than all else here. */
const withTimes = <Row extends object, Times extends object>(row: Row, times: Times) =>
	Object.assign(row, times) as Omit<Row, keyof Times> & Times;

function inOrder<Row>(
	entries: readonly FoundEntry[],
	rows: Row[],
	refOf: (row: Row) => string
): Row[] {
	const byRef = new Map(rows.map((row) => [refOf(row), row]));
	return entries.flatMap(({ ref }) => byRef.get(ref) ?? []);
}
