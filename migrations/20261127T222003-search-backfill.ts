import { type Kysely, sql } from 'kysely';

/** So many at a time: each statement has a time limit, however many there are. */
const STEP = 2000;

/** Writes down what was there before anything could be found, as search_rebuild does at once. */
export async function up(db: Kysely<unknown>): Promise<void> {
	const tracks = await refsOf(
		db,
		sql`select id::text as ref from tracks where visibility = 'public'`
	);
	for (const some of tracks) {
		await sql`
			insert into search_entries (kind, ref, created_at, name, words, uses, artist_did, album_id, tags)
			select kind, ref, created_at, name, words, uses, artist_did, album_id, tags
			from search_wanted_tracks where id = any(${some}::bigint[])`.execute(db);
	}
	// of a table that was empty until now nothing is known
	await sql`analyze search_tracks`.execute(db);
	for (const some of await refsOf(db, sql`select id::text as ref from albums`)) {
		await sql`
			insert into search_entries (kind, ref, created_at, name, words, uses, artist_did)
			select kind, ref, created_at, name, words, uses, artist_did
			from search_wanted_albums where id = any(${some}::uuid[])`.execute(db);
	}
	for (const some of await refsOf(db, sql`select did as ref from artists`)) {
		await sql`
			insert into search_entries (kind, ref, created_at, name, handle, words, uses, artist_did)
			select kind, ref, created_at, name, handle, words, uses, artist_did
			from search_wanted_artists where did = any(${some}::text[])`.execute(db);
	}
	await sql`
		insert into search_entries (kind, ref, name, words, uses, created_at)
		select 'tag', tag, folded, search_words(folded, '1A')::tsvector, tracks, newest
		from (select tag, count(*) as tracks, max(created_at) as newest
			from search_entries, unnest(tags) tag where kind = 'track' group by tag) used,
			search_fold(tag) folded`.execute(db);
}

async function refsOf(db: Kysely<unknown>, query: ReturnType<typeof sql>): Promise<string[][]> {
	const { rows } = (await query.execute(db)) as { rows: { ref: string }[] };
	const steps = Math.ceil(rows.length / STEP);
	return Array.from({ length: steps }, (_, step) =>
		rows.slice(step * STEP, (step + 1) * STEP).map(({ ref }) => ref)
	);
}
