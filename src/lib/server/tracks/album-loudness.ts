import { sql } from 'kysely';
import { builtOnce } from '#lib/server/db/built-once.ts';
import type { Db } from '#lib/server/db/connect.ts';

/** How loud all tracks of an album are together. */
export interface AlbumLoudness {
	loudness_lufs: number;
	true_peak_dbtp: number;
}

const SECONDS = sql<number>`greatest(coalesce(tracks.duration_ms, audio.duration_ms, 0), 1000) / 1000.0`;

/** The query itself, so that a test can ask how it is carried out. */
export const loudnessOfAlbums = (db: Db, albumIds: readonly string[]) =>
	measureAlbums(db).where(sql<boolean>`tracks.album_id = any(${albumIds}::uuid[])`);

export const loudnessOfAlbum = (db: Db, albumId: string) =>
	measureAlbums(db).where('tracks.album_id', '=', albumId);

const measureAlbums = (db: Db) =>
	db
		.selectFrom('tracks')
		.innerJoin('audio_files as audio', 'audio.file_id', 'tracks.file_id')
		.where('tracks.visibility', '!=', 'deleting')
		.where('audio.loudness_lufs', 'is not', null)
		.where('audio.true_peak_dbtp', 'is not', null)
		.groupBy('tracks.album_id')
		.select([
			sql<string>`tracks.album_id`.as('album_id'),
			// the mean of their energy over time, back in decibels; of unknown length: like one second
			sql<number>`(10 * log(
				sum(${SECONDS} * power(10, audio.loudness_lufs::float8 / 10)) / sum(${SECONDS})
			))::float8`.as('loudness_lufs'),
			sql<number>`max(audio.true_peak_dbtp)`.as('true_peak_dbtp')
		]);

const readLoudness = builtOnce(loudnessOfAlbums);

/** Rows of tracks with the loudness of their albums, asked for once an album. */
export async function withAlbumLoudness<Row extends { album_id: string | null }>(
	db: Db,
	rows: Row[]
): Promise<(Row & { album_loudness: AlbumLoudness | null })[]> {
	const ids = new Set(rows.flatMap(({ album_id: id }) => id ?? []));
	const found = ids.size === 0 ? [] : await readLoudness(db, [...ids]);
	const byId = new Map(found.map(({ album_id: id, ...loudness }) => [id, loudness]));
	return rows.map((row) => ({ ...row, album_loudness: byId.get(row.album_id ?? '') ?? null }));
}
