import { type Kysely, sql } from 'kysely';

/** What is hidden says nothing of how loud an album is: as before, and without it. */
export async function up(db: Kysely<unknown>): Promise<void> {
	await sql`
		create or replace view measured_album_loudness as
		select tracks.album_id,
			-- the mean of their energy over time, back in decibels; of unknown length: like one second
			(10 * log(sum(length.seconds * power(10, audio.loudness_lufs::float8 / 10))
				/ sum(length.seconds)))::real as loudness_lufs,
			max(audio.true_peak_dbtp)::real as true_peak_dbtp
		from tracks
		join audio_files audio on audio.file_id = tracks.file_id
		cross join lateral (select
			greatest(coalesce(tracks.duration_ms, audio.duration_ms, 0), 1000) / 1000.0 as seconds) length
		where tracks.album_id is not null and tracks.visibility not in ('hidden', 'deleting')
			and audio.loudness_lufs is not null and audio.true_peak_dbtp is not null
		group by tracks.album_id`.execute(db);
}
