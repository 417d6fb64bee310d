import { type Kysely, sql } from 'kysely';

/** The words of a name that may be meant by one that was typed wrong. */
const WORDS = (rows: string) =>
	`select distinct left(word, 60) from ${rows}, string_to_table(name, ' ') word
		where word ~ '^[a-z0-9]{3,}$'`;

/**
 * Each word that a name has, once: what was typed wrong is compared with these few, and not with every
 * name there is. A word whose last name went away stays until all is written down anew: it finds nothing.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
	const statements = [
		'create table search_vocabulary (word text collate "C" primary key)',
		`insert into search_vocabulary ${WORDS('search_entries')}`,
		`create index search_vocabulary_trigrams on search_vocabulary
			using gin (word gin_trgm_ops) with (fastupdate = off)`,
		`create function search_learn() returns trigger language plpgsql as $$ begin
			insert into search_vocabulary ${WORDS('written')} on conflict do nothing;
			return null; end $$`,
		`create function search_forget() returns trigger language plpgsql as $$ begin
			if not exists (select from search_entries) then delete from search_vocabulary; end if;
			return null; end $$`,
		...['insert', 'update'].map(
			(when) => `create trigger search_learn_${when} after ${when} on search_entries
				referencing new table as written for each statement execute function search_learn()`
		),
		`create trigger search_forget after delete on search_entries
			for each statement execute function search_forget()`,
		'drop index search_entries_trigrams',
		// what it compares with is a setting of the extension, which is known once that was used
		"select word_similarity('a', 'b')",
		// half of the parts of three letters are the same
		`create function search_near(typed text[]) returns table (typed text, word text)
			language sql stable parallel safe
			set pg_trgm.word_similarity_threshold = 0.5 set enable_seqscan = off set jit = off as $$
			select one, near.word from unnest(typed) one, lateral (
				select word from search_vocabulary where one <% word
				order by similarity(one, word) desc, word limit 8) near $$`
	];
	for (const statement of statements) await sql.raw(statement).execute(db);
	await sql`analyze search_vocabulary`.execute(db);
}
