import { type Kysely, sql } from 'kysely';

/** An artist who was taken down is not found either: as before, and only those who are not hidden. */
export async function up(db: Kysely<unknown>): Promise<void> {
	for (const statement of [VIEW, FOLLOW, 'drop trigger search_artist_change on artists', TRIGGER]) {
		await sql.raw(statement).execute(db);
	}
}

const HANDLE_WORDS = (handle: string, place: string) =>
	`search_words(split_part(search_fold(${handle}), ' ', 1), '${place}') || ' ' ||
	search_words(replace(search_fold(${handle}), ' ', ''), '${place}')`;

const VIEW = `
	create or replace view search_wanted_artists as
	select artists.did, 'artist' as kind, artists.did as ref, folded.name, folded.handle,
		concat_ws(' ', search_words(folded.name, '1A'),
			${HANDLE_WORDS('artists.handle', '2B')})::tsvector as words,
		coalesce((select sum(uses) from search_entries
			where kind = 'track' and artist_did = artists.did), 0)::bigint as uses,
		date_trunc('milliseconds', artists.created_at) as created_at, artists.did as artist_did
	from artists
	cross join lateral (select search_fold(artists.display_name) as name,
		search_fold(artists.handle) as handle offset 0) folded
	where not artists.is_hidden`;

const put = (kind: string, columns: string, where: string) => {
	const changed = columns.split(', ').map((column) => `${column} = excluded.${column}`);
	return `insert into search_entries (kind, ref, created_at, ${columns})
		select kind, ref, created_at, ${columns} from search_wanted_${kind}s where ${where}
		on conflict (kind, ref) do update set created_at = excluded.created_at, ${changed.join(', ')}`;
};

const FOLLOW = `
	create or replace function search_follow_artist() returns trigger
		language plpgsql set enable_seqscan = off as $$ begin
		perform search_in_turn();
		if tg_op = 'DELETE' then
			delete from search_entries where kind = 'artist' and ref = old.did;
			return null;
		end if;
		${put('artist', 'name, handle, words, uses, artist_did', 'did = new.did')};
		if not found then
			delete from search_entries where kind = 'artist' and ref = new.did;
		end if;
		if tg_op = 'UPDATE' then
			${put('track', 'name, words, artist_did, album_id, tags', 'artist_did = new.did')};
			${put('album', 'name, words, uses, artist_did', 'artist_did = new.did')};
		end if;
		return null; end $$`;

const TRIGGER = `
	create constraint trigger search_artist_change after update on artists
		deferrable initially deferred for each row
		when ((old.handle, old.display_name, old.is_hidden)
			is distinct from (new.handle, new.display_name, new.is_hidden))
		execute function search_follow_artist()`;
