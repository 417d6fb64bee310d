import { type Kysely, sql } from 'kysely';

const KINDS = ['track', 'album', 'artist', 'tag'];

/**
 * What can be found: one row for each public track, each album with one, each artist, and each tag of
 * a public track. `words` holds the words of its name as A, of its artists as B, of its album as C and
 * of its tags as D, each also without the spaces, and whole tags as "#drumandbass". `uses` is how
 * often it was played, or how many tracks a tag has.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
	await run(
		db,
		`create function search_popularity(uses bigint) returns smallint
			language sql immutable parallel safe as
			$$ select floor(ln(greatest(uses, 0) + 1) / ln(2.0))::smallint $$`,
		// words of a folded text as a tsvector has them: love:1A
		`create function search_words(folded text, place text) returns text
			language sql immutable parallel safe as $$
			select coalesce(string_agg(distinct left(word, 60) || ':' || place, ' '), '') from (
				select word from string_to_table(folded, ' ') word
				union select replace(folded, ' ', '')
			) words where word ~ '^[a-z0-9]+$' $$`,
		`create table search_entries (
			kind text not null,
			ref text collate "C" not null,
			name text collate "C" not null,
			handle text collate "C",
			words tsvector not null,
			uses bigint not null default 0,
			popularity smallint generated always as (search_popularity(uses)) stored,
			created_at timestamptz not null,
			artist_did text,
			album_id uuid,
			tags text[] not null default '{}',
			primary key (kind, ref)
		) partition by list (kind)`,
		...KINDS.map(
			(kind) => `create table search_${kind}s partition of search_entries for values in ('${kind}')`
		),
		'create index search_entries_name on search_entries (name)',
		`create index search_entries_order on search_entries
			(popularity desc, created_at desc, ref desc)`,
		// searched far more often than written: nothing may lie in wait for the next search
		'create index search_entries_words on search_entries using gin (words) with (fastupdate = off)',
		`create index search_entries_trigrams on search_entries
			using gin (name gin_trgm_ops) with (fastupdate = off)`,
		'create index search_artists_handle on search_artists (handle)',
		'create index search_tracks_artist on search_tracks (artist_did)',
		'create index search_tracks_album on search_tracks (album_id)'
	);
	await run(db, TRACKS, ALBUMS, ARTISTS);
}

async function run(db: Kysely<unknown>, ...statements: string[]): Promise<void> {
	for (const statement of statements) await sql.raw(statement).execute(db);
}

/** A handle's own part, and the whole of it as one word: the rest is many people's. */
const HANDLE_WORDS = (handle: string, place: string) =>
	`search_words(split_part(search_fold(${handle}), ' ', 1), '${place}') || ' ' ||
	search_words(replace(search_fold(${handle}), ' ', ''), '${place}')`;

// "offset 0": each name is folded once
const TRACKS = `
	create view search_wanted_tracks as
	select tracks.id, 'track' as kind, tracks.id::text as ref, folded.title as name,
		concat_ws(' ', search_words(folded.title, '1A'), search_words(folded.artist, '2B'),
			${HANDLE_WORDS('artists.handle', '2B')}, features.words, search_words(folded.album, '3C'),
			tagged.words)::tsvector as words,
		tracks.play_count as uses, date_trunc('milliseconds', tracks.created_at) as created_at,
		tracks.artist_did, albums.id as album_id, tagged.tags
	from tracks
	join artists on artists.did = tracks.artist_did
	left join albums on albums.id = tracks.album_id and albums.deletion is null
	cross join lateral (select search_fold(tracks.title) as title,
		search_fold(artists.display_name) as artist, search_fold(albums.title) as album offset 0) folded
	cross join lateral (
		select string_agg(search_words(search_fold(person ->> 'displayName'), '2B') || ' ' ||
			${HANDLE_WORDS("person ->> 'handle'", '2B')}, ' ') as words
		from jsonb_array_elements(
			case when jsonb_typeof(tracks.features) = 'array' then tracks.features end) person
	) features
	cross join lateral (
		select coalesce(array_agg(tag order by tag), '{}') as tags,
			string_agg(search_words(folded_tag, '4D') || case when folded_tag ~ '^[a-z0-9 ]+$'
				then ' ''#' || replace(folded_tag, ' ', '') || ''':4D' else '' end, ' ') as words
		from (select tag, search_fold(tag) as folded_tag from track_tags
			where track_id = tracks.id offset 0) own
	) tagged
	where tracks.visibility = 'public'`;

const ALBUMS = `
	create view search_wanted_albums as
	select albums.id, 'album' as kind, albums.id::text as ref, folded.title as name,
		concat_ws(' ', search_words(folded.title, '1A'), search_words(folded.artist, '2B'),
			${HANDLE_WORDS('artists.handle', '2B')})::tsvector as words,
		heard.uses, date_trunc('milliseconds', albums.created_at) as created_at, albums.artist_did
	from albums
	join artists on artists.did = albums.artist_did
	cross join lateral (select count(*) as tracks, sum(uses)::bigint as uses
		from search_entries where kind = 'track' and album_id = albums.id) heard
	cross join lateral (select search_fold(albums.title) as title,
		search_fold(artists.display_name) as artist offset 0) folded
	where albums.deletion is null and heard.tracks > 0`;

const ARTISTS = `
	create view search_wanted_artists as
	select artists.did, 'artist' as kind, artists.did as ref, folded.name, folded.handle,
		concat_ws(' ', search_words(folded.name, '1A'),
			${HANDLE_WORDS('artists.handle', '2B')})::tsvector as words,
		coalesce((select sum(uses) from search_entries
			where kind = 'track' and artist_did = artists.did), 0)::bigint as uses,
		date_trunc('milliseconds', artists.created_at) as created_at, artists.did as artist_did
	from artists
	cross join lateral (select search_fold(artists.display_name) as name,
		search_fold(artists.handle) as handle offset 0) folded`;
