import { type Kysely, sql } from 'kysely';

/** What more words begin with is looked up as a beginning. */
const MOST_COMPLETED = 64;

/** So many are found by an index and sorted; where there are more, those in order are soon met. */
const FEW = 1000;

const BEGINS = '(name >= wanted_name and name < name_end)';
const FITS = `case tier when 1 then name = wanted_name
	when 2 then ${BEGINS} and not name = wanted_name
	else words @@ searched_words and (wanted_name is null or not ${BEGINS}) end
	and (searched_filter is null or words @@ searched_filter)`;
const ORDER = 'popularity desc, created_at desc, ref desc';
const BEHIND = '(at_popularity, at_created, at_ref)';

const fewTags = (condition: string) =>
	`array(select row(tier, popularity, created_at, ref, uses)::search_found from search_tags
		where ${condition} and (searched_filter is null or words @@ searched_filter)
		and (popularity + 0, created_at, ref) < ${BEHIND} limit ${FEW + 1})`;

/** As search_find_tracks, but asks the indexes first: few tags have a word, and most searches find none. */
const FIND_TAGS = `
	create or replace function search_find_tags(
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
		for tier in first_tier..3 loop
			few := case tier when 1 then ${fewTags('name = wanted_name')}
				when 2 then ${fewTags(`${BEGINS} and not name = wanted_name`)}
				else ${fewTags(`words @@ searched_words and (wanted_name is null or not ${BEGINS})`)} end;
			if cardinality(few) > ${FEW} then
				return query select tier, popularity, created_at, ref, uses from (
					select * from search_tags where (popularity, created_at, ref) < ${BEHIND}
						order by ${ORDER} offset 0
				) in_order where ${FITS} limit missing;
			else
				return query select * from unnest(few) order by ${ORDER} limit missing;
			end if;
			get diagnostics hits = row_count;
			missing := missing - hits;
			if missing <= 0 then return; end if;
			at_popularity := 32767;
		end loop;
	end $$`;

/** Fills in the words of what is there, and lets searches ask for them. */
export async function up(db: Kysely<unknown>): Promise<void> {
	await sql`
		insert into search_lexemes select word from ts_stat('select words from search_entries')
			on conflict do nothing`.execute(db);
	await sql`analyze search_lexemes`.execute(db);
	await sql.raw(FIND_TAGS).execute(db);
	await sql
		.raw(
			`create function search_possible(whole text[], begun text, joined text) returns tsquery
			language plpgsql stable set enable_seqscan = off as $$
			declare
				completed text[];
				fitting text;
			begin
				if not exists (select from unnest(whole) typed
					where not exists (select from search_lexemes where word = typed))
				then
					fitting := (select string_agg(quote_literal(word), '&') from unnest(whole) word);
					if begun is not null then
						completed := array(select quote_literal(word) from search_lexemes
							where word >= begun and word < begun || chr(1114111) limit ${MOST_COMPLETED + 1});
						fitting := case
							when cardinality(completed) = 0 then null
							when cardinality(completed) > ${MOST_COMPLETED}
								then concat_ws('&', fitting, quote_literal(begun) || ':*')
							else concat_ws('&', fitting, '(' || array_to_string(completed, '|') || ')') end;
					end if;
				end if;
				if exists (select from search_lexemes where word = joined) then
					fitting := concat_ws('|', '(' || fitting || ')', quote_literal(joined));
				end if;
				return fitting::tsquery;
			end $$`
		)
		.execute(db);
}
