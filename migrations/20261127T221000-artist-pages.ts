import { type Kysely, sql } from 'kysely';

/**
 * What the page of an artist needs: what they allow and show, handles they had before, and their
 * numbers, kept up by the database itself, so that they hold whichever version writes.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
	await sql`
		alter table artists
			add column downloads text not null default 'ask'
				check (downloads in ('open', 'ask', 'off')),
			add column shows_likes boolean not null default false`.execute(db);

	// addresses an artist had before
	await sql`
		create table former_handles (
			handle text primary key check (handle <> ''),
			did text not null references artists (did) on delete cascade,
			left_at timestamptz not null default now()
		)`.execute(db);
	await sql`create index former_handles_did on former_handles (did)`.execute(db);

	await sql`create index tracks_most_played on tracks (artist_did, play_count desc, id desc)
		where visibility = 'public'`.execute(db);
	await numbers(db);
}

/** Of the tracks that everybody sees. */
async function numbers(db: Kysely<unknown>): Promise<void> {
	await sql`
		create table artist_numbers (
			did text primary key,
			track_count bigint not null default 0,
			play_count bigint not null default 0
		)`.execute(db);
	await sql`
		create function keep_artist_numbers() returns trigger language plpgsql as $$
		begin
			-- what happens most: somebody has listened
			if tg_op = 'UPDATE' and old.visibility = 'public' and new.visibility = 'public'
					and old.artist_did = new.artist_did then
				update artist_numbers set play_count = play_count + new.play_count - old.play_count
					where did = new.artist_did and new.play_count <> old.play_count;
				return null;
			end if;
			if tg_op <> 'INSERT' and old.visibility = 'public' then
				update artist_numbers
					set track_count = track_count - 1, play_count = play_count - old.play_count
					where did = old.artist_did;
			end if;
			if tg_op <> 'DELETE' and new.visibility = 'public' then
				insert into artist_numbers as kept (did, track_count, play_count)
					values (new.artist_did, 1, new.play_count)
					on conflict (did) do update set
						track_count = kept.track_count + 1,
						play_count = kept.play_count + new.play_count;
			end if;
			return null;
		end $$`.execute(db);
	// at the commit, when every row of tracks is locked that will be: nobody waits for another here
	// who waits for them there
	await sql`
		create constraint trigger keep_artist_numbers
		after insert or delete or update of visibility, play_count, artist_did on tracks
		deferrable initially deferred
		for each row execute function keep_artist_numbers()`.execute(db);
	await sql`
		insert into artist_numbers (did, track_count, play_count)
		select artist_did, count(*), sum(play_count) from tracks
		where visibility = 'public' group by artist_did`.execute(db);
}
