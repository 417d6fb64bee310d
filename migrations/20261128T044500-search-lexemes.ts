import { type Kysely, sql } from 'kysely';

/**
 * Every word by which something is found, once, kept up in the transactions that write what can be found:
 * whether a search can find anything, and which words one may be the beginning of, is known without reading
 * what has them. A word that nothing has any more stays until all is written down anew: it finds nothing.
 * They are written in turn (search_in_turn), so that nobody waits for a word while somebody waits for theirs.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
	const statements = [
		'create table search_lexemes (word text collate "C" primary key)',
		`create function search_learn_lexemes() returns trigger language plpgsql as $$ begin
			insert into search_lexemes select distinct lexeme from written, unnest(words)
				on conflict do nothing;
			return null; end $$`,
		...['insert', 'update'].map(
			(when) => `create trigger search_learn_lexemes_${when} after ${when} on search_entries
				referencing new table as written for each statement execute function search_learn_lexemes()`
		),
		`create or replace function search_forget() returns trigger language plpgsql as $$ begin
			if not exists (select from search_entries) then
				delete from search_vocabulary;
				delete from search_lexemes;
			end if;
			return null; end $$`
	];
	for (const statement of statements) await sql.raw(statement).execute(db);
}
