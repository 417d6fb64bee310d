import { type Kysely, sql } from 'kysely';

const KINDS = ['track', 'album', 'artist', 'tag'];
/** Behind the very name, what begins with it and what has the words. */
const NEARLY = 4;
const BY_WORDS = 3;

/**
 * What is searched for when nothing fits what was typed: names that have each of the words, or one that is
 * near it. And what is found by that, of all kinds. In the database, so that a search is one question whatever
 * comes of it; and as one step of it, which hardly any search comes to: each would prepare all its parts.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
	await sql
		.raw(
			`create function search_near_query(words text[], filter tsquery) returns tsquery
			language plpgsql stable as $$
			declare
				meant tsquery;
			begin
				with near as materialized (select typed, word from search_near(words))
				select string_agg('(' || concat_ws('|', quote_literal(one) || ':A', (
						select string_agg(quote_literal(word) || ':A', '|') from near
							where typed = one and word <> one
					)) || ')', '&')::tsquery
					into meant from unnest(words) one where exists (select from near);
				return case when filter is null then meant else meant && filter end;
			end $$`
		)
		.execute(db);
	const hits = KINDS.map(
		(kind) => `
			if '${kind}' = any(kinds) then
				return query select '${kind}', ${NEARLY}, hit.popularity, hit.created_at, hit.ref, hit.uses,
					hit.place
					from search_find_${kind}s(null, meant, null, ${BY_WORDS}, after_popularity, after_created,
						after_ref, missing) with ordinality
						hit(tier, popularity, created_at, ref, uses, place);
			end if;`
	);
	await sql
		.raw(
			`create function search_find_near(
				kinds text[], typed text[], filter tsquery, after_popularity smallint,
				after_created timestamptz, after_ref text, missing integer
			) returns table (
				kind text, tier integer, popularity smallint, created_at timestamptz, ref text, uses bigint,
				place bigint
			) language plpgsql stable as $$
			#variable_conflict use_column
			declare
				meant tsquery := search_near_query(typed, filter);
			begin
				if meant is null then return; end if;
				${hits.join('')}
			end $$`
		)
		.execute(db);
}
