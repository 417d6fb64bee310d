import { type Kysely, sql } from 'kysely';

/**
 * What is searched for when nothing fits what was typed: names that have each of the words, or one that is
 * near it. In the database, so that a search is one question whatever comes of it.
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
}
