import type postgres from 'postgres';

const ENTRIES = `select kind, ref, name, handle, words::text, uses, artist_did, album_id, tags
	from search_entries`;

/** What must not find anything, by what it would find. */
const WRONG: Readonly<Record<string, string>> = {
	'numbers of artists': `
		select * from artist_numbers where track_count > 0
		except select artist_did, count(*), sum(play_count)::bigint from tracks
			where visibility = 'public' group by artist_did`,
	'artists without their numbers': `
		select artist_did, count(*), sum(play_count)::bigint from tracks
			where visibility = 'public' group by artist_did
		except select * from artist_numbers`,
	'loudness of albums': `
		select * from album_loudness except select * from measured_album_loudness`,
	'albums without their loudness': `
		select * from measured_album_loudness except select * from album_loudness`,
	'tags with another time than their track': `
		select track_tags.* from track_tags join tracks on tracks.id = track_id
		where track_created_at is distinct from tracks.created_at`,
	'tracks that are hidden or seen against what is in force': `
		select id from tracks where visibility <> 'deleting' and visibility is distinct from
			case when is_taken_down(record_uri, artist_did) then 'hidden' else listed_as end`,
	'artists who are hidden or seen against what is in force': `
		select did from artists where is_hidden <> is_taken_down(did, did)`,
	'words nobody is found by': `
		select lexeme from search_entries, unnest(words) except select word from search_lexemes`,
	'constraints that were not checked': `
		select conname from pg_constraint where not convalidated`,
	'indexes that were not finished': `
		select indexrelid::regclass from pg_index where not (indisvalid and indisready)`
};

/**
 * What is wrong with the rows of a database of the newest form: what it keeps up by itself is not as the
 * tables are, or a constraint does not hold.
 */
export async function findWrongRows(sql: postgres.Sql): Promise<string[]> {
	const found: string[] = [];
	for (const [what, query] of Object.entries(WRONG)) {
		const rows = await sql.unsafe(query);
		if (rows.length > 0) found.push(`${what}: ${JSON.stringify(rows.slice(0, 3))}`);
	}
	for (const { table, name, condition } of await sql<
		{ table: string; name: string; condition: string }[]
	>`
		select conrelid::regclass::text as table, conname as name,
			pg_get_expr(conbin, conrelid) as condition
		from pg_constraint where contype = 'c' and connamespace = 'public'::regnamespace`) {
		const rows = await sql.unsafe(`select 1 from ${table} where not (${condition})`);
		if (rows.length > 0) found.push(`${rows.length} rows of ${table} against ${name}`);
	}
	return [...found, ...(await findWrongEntries(sql))];
}

/** What can be found has to be what is found when all of it is written down anew. */
async function findWrongEntries(sql: postgres.Sql): Promise<string[]> {
	const found: string[] = [];
	await sql
		.begin(async (trx) => {
			await trx.unsafe(`create temporary table kept_entries on commit drop as ${ENTRIES}`);
			await trx`select search_rebuild()`;
			const both = `(select * from kept_entries except ${ENTRIES}) union all
				(${ENTRIES} except select * from kept_entries)`;
			const rows = await trx.unsafe(both);
			if (rows.length > 0) found.push(`what can be found: ${JSON.stringify(rows.slice(0, 3))}`);
			throw new Undone();
		})
		.catch((cause: unknown) => {
			if (!(cause instanceof Undone)) throw cause;
		});
	return found;
}

class Undone extends Error {}
