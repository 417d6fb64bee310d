import { type Kysely, sql } from 'kysely';

/** So many of the most popular are looked at first: what very many have is among them. */
const POPULAR = 300;
/** So many are found by an index and sorted; where there are more, the popular ones are soon met. */
const FEW = 1000;
/** So many names are read before the popular ones are: an index knows at once when there are none. */
const FIRST_NAMES = 60;
/** What more words begin with is looked up as a beginning. */
const MOST_COMPLETED = 64;

const ORDER = 'popularity desc, created_at desc, ref desc';
const AT = '(at_popularity, at_created, at_ref)';
const PLACE = `(popularity, created_at, ref) < ${AT}`;
/** The same, and no index takes it for what it is sorted by. */
const UNSORTED_PLACE = `(popularity + 0, created_at, ref) < ${AT}`;

const BEGINS = '(name >= wanted_name and name < name_end)';
const BEGINS_ARTIST = `(${BEGINS} or (handle >= wanted_name and handle < name_end))`;

/**
 * Fewer steps for the same: what has the name and what begins with it are one stretch of an index, and
 * nothing is sorted where nothing was found. A step costs more than all it reads.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
	const statements = [
		find('tracks', 'name = wanted_name', BEGINS),
		find('albums', 'name = wanted_name', BEGINS),
		find('artists', '(name = wanted_name or handle = wanted_name)', BEGINS_ARTIST),
		find('tags', 'name = wanted_name', BEGINS),
		POSSIBLE
	];
	for (const statement of statements) await sql.raw(statement).execute(db);
}

const definition = (table: string, body: string) => `
	create or replace function search_find_${table}(
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
	begin ${body} end $$`;

const COUNT_HITS = `
	get diagnostics hits = row_count;
	missing := missing - hits;
	if missing <= 0 then return; end if;`;

/** What `few` has, in order. */
const SORTED = `
	if cardinality(few) > 0 then
		return query select * from unnest(few) order by tier, ${ORDER} limit missing; ${COUNT_HITS}
	end if;`;

// the plans do not depend on what is searched for: which way to take is said here, and nothing is guessed
function find(table: string, exact: string, begins: string): string {
	const filtered = (condition: string) =>
		`${condition} and (searched_filter is null or words @@ searched_filter)`;
	const few = (tier: string, condition: string, place: string, most: number) => `
		few := array(select row(${tier}, popularity, created_at, ref, uses)::search_found
			from search_${table} where ${condition} and ${place} limit ${most + 1});`;
	/** Up to `most` are found by an index and sorted; where there are more, something else is done. */
	const byIndex = (tier: string, condition: string, place: string, most: number, else_: string) => `
		-- a filter is asked of an index as well, and what may be none cannot be
		if searched_filter is null then ${few(tier, condition, place, most)}
		else ${few(tier, `${condition} and words @@ searched_filter`, place, most)} end if;
		if cardinality(few) > ${most} then ${else_} else ${SORTED} end if;`;
	const inOrder = (tier: number, condition: string, rows: string) => `
		return query select ${tier}, popularity, created_at, ref, uses from (
			select * from search_${table} where ${PLACE} order by ${ORDER} ${rows}
		) in_order where ${filtered(condition)} limit missing; ${COUNT_HITS}`;
	const rest = (tier: number, condition: string) =>
		byIndex(String(tier), condition, UNSORTED_PLACE, FEW, inOrder(tier, condition, 'offset 0'));
	const popular = (tier: number, condition: string) => `
		${inOrder(tier, condition, `limit ${POPULAR}`)}
		select popularity, created_at, ref into at_popularity, at_created, at_ref
			from search_${table} where ${PLACE} order by ${ORDER} offset ${POPULAR - 1} limit 1;
		if found then ${rest(tier, condition)} end if;`;
	// few tags have a word, and most searches find none: the indexes know
	const isFew = table === 'tags';
	const most = isFew ? rest : popular;
	const nameTier = `case when ${exact} then 1 else 2 end`;
	const afterTier = `${nameTier} >= first_tier and (${nameTier} > first_tier or ${UNSORTED_PLACE})`;
	const eachTier = `
		if first_tier <= 1 then
			${rest(1, exact)}
			at_popularity := 32767;
		end if;
		${most(2, `${begins} and not ${exact}`)}`;
	return definition(
		table,
		`
		if wanted_name is not null and first_tier <= 2 then
			${byIndex(nameTier, begins, afterTier, isFew ? FEW : FIRST_NAMES, eachTier)}
			at_popularity := 32767;
		end if;
		if searched_words is not null and first_tier <= 3 then
			${most(3, `words @@ searched_words and (wanted_name is null or not ${begins})`)}
		end if;`
	);
}

/** As it was, in one step. */
const POSSIBLE = `
	create or replace function search_possible(whole text[], begun text, joined text) returns tsquery
	language plpgsql stable set enable_seqscan = off as $$
	declare
		fitting text;
		is_lacking boolean;
		completed text[];
		is_joined boolean;
	begin
		select (select string_agg(quote_literal(word), '&') from unnest(whole) word),
			exists (select from unnest(whole) typed
				where not exists (select from search_lexemes where word = typed)),
			array(select quote_literal(word) from search_lexemes
				where word >= begun and word < begun || chr(1114111) limit ${MOST_COMPLETED + 1}),
			exists (select from search_lexemes where word = joined)
			into fitting, is_lacking, completed, is_joined;
		if is_lacking then
			fitting := null;
		elsif begun is not null then
			fitting := case
				when cardinality(completed) = 0 then null
				when cardinality(completed) > ${MOST_COMPLETED}
					then concat_ws('&', fitting, quote_literal(begun) || ':*')
				else concat_ws('&', fitting, '(' || array_to_string(completed, '|') || ')') end;
		end if;
		if is_joined then
			fitting := concat_ws('|', '(' || fitting || ')', quote_literal(joined));
		end if;
		return fitting::tsquery;
	end $$`;
