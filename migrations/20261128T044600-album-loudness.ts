import { type Kysely, sql } from 'kysely';

/**
 * How loud all tracks of an album are together, kept up by the database itself as the tracks are: every list
 * of tracks shows it. It is measured anew at the end of a transaction and one at a time, in the turn that
 * what can be found is written in (one turn for both: nobody has one and waits for the other), so that two
 * who add tracks to one album see each other's.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
	await sql`
		create table album_loudness (
			album_id uuid primary key,
			loudness_lufs real not null,
			true_peak_dbtp real not null
		)`.execute(db);
	await sql`
		create view measured_album_loudness as
		select tracks.album_id,
			-- the mean of their energy over time, back in decibels; of unknown length: like one second
			(10 * log(sum(length.seconds * power(10, audio.loudness_lufs::float8 / 10))
				/ sum(length.seconds)))::real as loudness_lufs,
			max(audio.true_peak_dbtp)::real as true_peak_dbtp
		from tracks
		join audio_files audio on audio.file_id = tracks.file_id
		cross join lateral (select
			greatest(coalesce(tracks.duration_ms, audio.duration_ms, 0), 1000) / 1000.0 as seconds) length
		where tracks.album_id is not null and tracks.visibility <> 'deleting'
			and audio.loudness_lufs is not null and audio.true_peak_dbtp is not null
		group by tracks.album_id`.execute(db);
	// each works on a few rows: a plan made while the tables were empty must not read them whole for ever
	await sql`
		create function measure_album_loudness(wanted uuid) returns void
			language plpgsql set enable_seqscan = off as $$
		begin
			if wanted is null then return; end if;
			perform search_in_turn();
			insert into album_loudness (album_id, loudness_lufs, true_peak_dbtp)
				select album_id, loudness_lufs, true_peak_dbtp
				from measured_album_loudness where album_id = wanted
				on conflict (album_id) do update
					set loudness_lufs = excluded.loudness_lufs, true_peak_dbtp = excluded.true_peak_dbtp;
			if not found then delete from album_loudness where album_id = wanted; end if;
		end $$`.execute(db);
	await sql`
		create function keep_album_loudness() returns trigger language plpgsql as $$
		begin
			if tg_op <> 'INSERT' then perform measure_album_loudness(old.album_id); end if;
			if tg_op = 'INSERT' or (tg_op = 'UPDATE' and old.album_id is distinct from new.album_id) then
				perform measure_album_loudness(new.album_id);
			end if;
			return null;
		end $$`.execute(db);
	await sql`
		create constraint trigger keep_album_loudness after insert or delete on tracks
			deferrable initially deferred for each row execute function keep_album_loudness()`.execute(db);
	await sql`
		create constraint trigger keep_album_loudness_change after update on tracks
			deferrable initially deferred for each row
			when ((old.album_id, old.file_id, old.duration_ms, old.visibility)
				is distinct from (new.album_id, new.file_id, new.duration_ms, new.visibility))
			execute function keep_album_loudness()`.execute(db);
	await sql`
		create function keep_loudness_of_albums() returns trigger
			language plpgsql set enable_seqscan = off as $$
		begin
			perform measure_album_loudness(album_id)
				from (select distinct album_id from tracks where file_id = new.file_id) of_file;
			return null;
		end $$`.execute(db);
	await sql`
		create constraint trigger keep_loudness_of_albums after update on audio_files
			deferrable initially deferred for each row
			when ((old.loudness_lufs, old.true_peak_dbtp, old.duration_ms)
				is distinct from (new.loudness_lufs, new.true_peak_dbtp, new.duration_ms))
			execute function keep_loudness_of_albums()`.execute(db);
}
