import { type Kysely, sql } from 'kysely';

/** So many of the most popular are looked at first: what very many have is among them. */
const POPULAR = 300;
/** So many are found by an index and sorted; where there are more, the popular ones are soon met. */
const FEW = 1000;
/** So many names are read before the popular ones are: an index knows at once when there are none. */
const FIRST_NAMES = 60;

/** The order within a tier. */
const ORDER = 'popularity desc, created_at desc, ref desc';
const PLACE = '(popularity, created_at, ref) < (at_popularity, at_created, at_ref)';

const BEGINS = '(name >= wanted_name and name < name_end)';
const BEGINS_ARTIST = `(${BEGINS} or (handle >= wanted_name and handle < name_end))`;

/**
 * Searching one kind: one call, which asks for a tier only when those before it have not filled the page,
 * and within a tier stops as early as it can. What is asked for is a parameter, so that each step is
 * planned once a connection, and only when it is first needed.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
	const statements = [
		`create type search_found as (tier integer, popularity smallint, created_at timestamptz,
			ref text collate "C", uses bigint)`,
		...['tracks', 'albums', 'tags'].map((table) => find(table, 'name = wanted_name', BEGINS)),
		find('artists', '(name = wanted_name or handle = wanted_name)', BEGINS_ARTIST)
	];
	for (const statement of statements) await sql.raw(statement).execute(db);
}

// the plans do not depend on what is searched for: which way to take is said here, and nothing is guessed
const find = (table: string, exact: string, begins: string) => `
	create function search_find_${table}(
		searched_name text, searched_words tsquery, searched_filter tsquery, first_tier integer,
		after_popularity smallint, after_created timestamptz, after_ref text, missing integer
	) returns setof search_found language plpgsql stable
	set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_sort = off set jit = off
	as $$
	declare
		wanted_name text collate "C" := searched_name;
		name_end text collate "C" := searched_name || chr(1114111);
		at_popularity smallint := after_popularity;
		at_created timestamptz := after_created;
		at_ref text collate "C" := after_ref;
		few search_found[];
		hits bigint;
	begin
		if wanted_name is not null then
			${tier(table, 1, exact, 'rare')}
			${tier(table, 2, `${begins} and not ${exact}`, 'rare or common')}
		end if;
		if searched_words is not null then
			${tier(table, 3, `words @@ searched_words and (wanted_name is null or not ${begins})`, 'common')}
		end if;
	end $$`;

const columns = (number: number) => `${number}, popularity, created_at, ref, uses`;

/** @param often how many fit, as far as it is known beforehand: it says what is looked at first */
function tier(
	table: string,
	number: number,
	condition: string,
	often: 'rare' | 'rare or common' | 'common'
) {
	const fitting = `${condition} and (searched_filter is null or words @@ searched_filter)`;
	const first = (rows: string) => `
		return query select ${columns(number)} from (
			select * from search_${table} where ${PLACE} order by ${ORDER} ${rows}
		) in_order where ${fitting} limit missing;
		get diagnostics hits = row_count;
		missing := missing - hits;
		if missing <= 0 then return; end if;`;
	const few = (condition_of_index: string, most: number) => `
		few := array(select row(${columns(number)})::search_found from search_${table}
			where ${condition_of_index}
			and (popularity + 0, created_at, ref) < (at_popularity, at_created, at_ref)
			limit ${most + 1});`;
	/** Up to `most` are found by an index and sorted; where there are more, something else is done. */
	const byIndex = (most: number, otherwise: string) => `
		-- a filter is asked of an index as well, and what may be none cannot be
		if searched_filter is null then ${few(condition, most)}
		else ${few(`${condition} and words @@ searched_filter`, most)} end if;
		if cardinality(few) > ${most} then ${otherwise}
		else
			return query select * from unnest(few) order by ${ORDER} limit missing;
			get diagnostics hits = row_count;
			missing := missing - hits;
			if missing <= 0 then return; end if;
		end if;`;
	const rest = byIndex(FEW, first('offset 0'));
	const popular = `
		${first(`limit ${POPULAR}`)}
		select popularity, created_at, ref into at_popularity, at_created, at_ref
			from search_${table} where ${PLACE} order by ${ORDER} offset ${POPULAR - 1} limit 1;
		if found then ${rest} end if;`;
	return `
		if first_tier <= ${number} then
			${often === 'rare' ? rest : often === 'common' ? popular : byIndex(FIRST_NAMES, popular)}
			at_popularity := 32767;
		end if;`;
}
