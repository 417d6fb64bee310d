import { type Kysely, sql } from 'kysely';

/**
 * Keeps what can be found as the tables are, in the same transactions: nobody who writes a track, an
 * album, an artist or a tag has to think of it. It happens at the end of each transaction and one at a
 * time, so that nobody waits for a row while somebody waits for theirs. A play changes something only
 * when there are twice as many as when it did last.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
	const statements = [...KEEP, ...FOLLOW, ...TRIGGERS, REBUILD];
	for (const statement of statements) await sql.raw(statement).execute(db);
}

/** Puts a wanted row in place of the one that is there. */
const PUT = (kind: string, columns: string, where: string) => {
	const changed = columns.split(', ').map((column) => `${column} = excluded.${column}`);
	return `insert into search_entries (kind, ref, created_at, ${columns})
		select kind, ref, created_at, ${columns} from search_wanted_${kind}s where ${where}
		on conflict (kind, ref) do update set created_at = excluded.created_at, ${changed.join(', ')}`;
};

const TRACK_COLUMNS = 'name, words, uses, artist_did, album_id, tags';
/** Without the plays: they are added to the artist's as often as they are written down. */
const TRACK_TEXTS = 'name, words, artist_did, album_id, tags';
const ALBUM_COLUMNS = 'name, words, uses, artist_did';
const ARTIST_COLUMNS = 'name, handle, words, uses, artist_did';

const returnsNothing = (name: string, declared: string, body: string) =>
	`create function ${name} returns void language plpgsql as $$ ${declared} begin ${body} end $$`;

const KEEP = [
	returnsNothing(
		'search_in_turn()',
		'',
		`perform pg_advisory_xact_lock(hashtextextended('search', 0));`
	),
	returnsNothing(
		'search_keep_album(wanted uuid)',
		'',
		`${PUT('album', ALBUM_COLUMNS, 'id = wanted')};
		if not found then
			delete from search_entries where kind = 'album' and ref = wanted::text;
		end if;`
	),
	returnsNothing(
		'search_count_tag(tagged text, change integer)',
		'',
		`update search_entries set uses = uses + change where kind = 'tag' and ref = tagged;
		if not found and change > 0 then
			insert into search_entries (kind, ref, name, words, uses, created_at)
				select 'tag', tagged, folded, search_words(folded, '1A')::tsvector, change,
					date_trunc('milliseconds', now())
				from search_fold(tagged) folded;
		end if;
		delete from search_entries where kind = 'tag' and ref = tagged and uses <= 0;`
	),
	returnsNothing(
		'search_keep_track(wanted bigint)',
		'declare was record; has record; one text;',
		`select artist_did, album_id, tags, uses into was
			from search_entries where kind = 'track' and ref = wanted::text;
		${PUT('track', TRACK_COLUMNS, 'id = wanted')}
			returning artist_did, album_id, tags, search_entries.uses into has;
		if not found then
			delete from search_entries where kind = 'track' and ref = wanted::text;
		end if;
		update search_entries set uses = uses + coalesce(has.uses, 0) - coalesce(was.uses, 0)
			where kind = 'artist' and ref = coalesce(has.artist_did, was.artist_did)
			and coalesce(has.uses, 0) <> coalesce(was.uses, 0);
		for one in select unnest(was.tags) except select unnest(has.tags) loop
			perform search_count_tag(one, -1);
		end loop;
		for one in select unnest(has.tags) except select unnest(was.tags) loop
			perform search_count_tag(one, 1);
		end loop;
		if (was.album_id, was.uses) is distinct from (has.album_id, has.uses) then
			perform search_keep_album(id)
				from (select was.album_id as id union select has.album_id) albums where id is not null;
		end if;`
	)
];

// each works on a few rows: a plan made while the tables were empty must not read them whole for ever
const follows = (name: string, body: string) =>
	`create function ${name}() returns trigger language plpgsql set enable_seqscan = off as $$ begin
		perform search_in_turn(); ${body} return null; end $$`;

const FOLLOW = [
	follows(
		'search_follow_track',
		`perform search_keep_track(case when tg_op = 'DELETE' then old.id else new.id end);`
	),
	follows(
		'search_follow_tag',
		// a new track and its tags come together: once is enough
		`perform search_keep_track(wanted)
			from (select case when tg_op = 'DELETE' then old.track_id else new.track_id end as wanted) one
			where not exists (select 1 from search_entries
				where kind = 'track' and ref = wanted::text and tags = (
					select coalesce(array_agg(tag order by tag), '{}')
					from track_tags where track_id = wanted));`
	),
	follows(
		'search_follow_album',
		`if tg_op = 'UPDATE' then
			${PUT('track', TRACK_TEXTS, 'id in (select id from tracks where album_id = new.id)')};
		end if;
		perform search_keep_album(old.id);`
	),
	follows(
		'search_follow_artist',
		`if tg_op = 'DELETE' then
			delete from search_entries where kind = 'artist' and ref = old.did;
			return null;
		end if;
		${PUT('artist', ARTIST_COLUMNS, 'did = new.did')};
		if tg_op = 'UPDATE' then
			${PUT('track', TRACK_TEXTS, 'artist_did = new.did')};
			${PUT('album', ALBUM_COLUMNS, 'artist_did = new.did')};
		end if;`
	)
];

/** Constraint triggers: they alone can wait for the end of the transaction. */
const trigger = (name: string, when: string, table: string, condition: string, run: string) =>
	`create constraint trigger ${name} after ${when} on ${table} deferrable initially deferred
		for each row ${condition} execute function ${run}()`;

const TRIGGERS = [
	trigger('search_track', 'insert or delete', 'tracks', '', 'search_follow_track'),
	trigger(
		'search_track_change',
		'update',
		'tracks',
		`when ((old.title, old.visibility, old.album_id, old.features, old.created_at,
				search_popularity(old.play_count))
			is distinct from (new.title, new.visibility, new.album_id, new.features, new.created_at,
				search_popularity(new.play_count)))`,
		'search_follow_track'
	),
	trigger('search_tag', 'insert or delete or update', 'track_tags', '', 'search_follow_tag'),
	trigger(
		'search_album',
		'update',
		'albums',
		'when ((old.title, old.deletion) is distinct from (new.title, new.deletion))',
		'search_follow_album'
	),
	trigger('search_album_gone', 'delete', 'albums', '', 'search_follow_album'),
	trigger('search_artist', 'insert or delete', 'artists', '', 'search_follow_artist'),
	trigger(
		'search_artist_change',
		'update',
		'artists',
		'when ((old.handle, old.display_name) is distinct from (new.handle, new.display_name))',
		'search_follow_artist'
	)
];

const all = (kind: string, columns: string) =>
	`insert into search_entries (kind, ref, created_at, ${columns})
		select kind, ref, created_at, ${columns} from search_wanted_${kind}s;`;

const REBUILD = returnsNothing(
	'search_rebuild()',
	'',
	`perform search_in_turn();
	delete from search_entries;
	${all('track', TRACK_COLUMNS)}
	-- of a table that was empty until now nothing is known
	analyze search_tracks;
	${all('album', ALBUM_COLUMNS)}
	${all('artist', ARTIST_COLUMNS)}
	insert into search_entries (kind, ref, name, words, uses, created_at)
		select 'tag', tag, folded, search_words(folded, '1A')::tsvector, tracks, newest
		from (select tag, count(*) as tracks, max(created_at) as newest
			from search_entries, unnest(tags) tag where kind = 'track' group by tag) used,
			search_fold(tag) folded;`
);
