import anyAscii from 'any-ascii';
import { type Kysely, sql } from 'kysely';

/** Letters beyond these are rare ideographs: a name in them is found as it is written. */
const FIRST_UNKNOWN = 0x20000;
/** They are whole words, with nothing between them. */
const IDEOGRAPH = /\p{Script=Han}/u;
/** What only changes a letter, and what nobody sees: it parts no word. */
const NO_LETTER = /[\p{M}\p{Cf}]/u;

/**
 * The one form in which names are compared: search_fold makes "Beyoncé", "Привет" and "東京" into
 * "beyonce", "privet" and "dong jing". What the letters of other scripts are in Latin ones lies in a
 * table, so that the database does it alone and nobody can write a name past it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
	await addTrigrams(db);
	await sql`create table search_letters (letter integer primary key, latin text not null)`.execute(
		db
	);
	const letters = latinLetters();
	await sql`
		insert into search_letters (letter, latin)
		select * from unnest(${letters.map(([letter]) => letter)}::integer[],
			${letters.map(([, latin]) => latin)}::text[])`.execute(db);
	await sql
		.raw(
			`create function search_fold(said text) returns text
			language plpgsql stable parallel safe as $$
			declare
				folded text := left(said, 300);
			begin
				if folded ~ '[^\\u0001-\\u007f]' then
					select string_agg(case when ascii(part.letter) < 128 then part.letter
							else coalesce(known.latin, ' ') end, '' order by part.place)
						into folded
						from string_to_table(normalize(folded, nfkc), null)
							with ordinality as part (letter, place)
						left join search_letters known on known.letter = ascii(part.letter);
				end if;
				folded := lower(coalesce(folded, '') collate "C");
				folded := replace(replace(replace(folded, '''', ''), '&', ' and '), '+', ' plus ');
				folded := left(btrim(regexp_replace(folded, '[^a-z0-9]+', ' ', 'g')), 500);
				-- a name of signs only is itself
				return case when folded = ''
					then left(btrim(regexp_replace(lower(coalesce(said, '')), '\\s+', ' ', 'g')), 100)
					else folded end;
			end $$`
		)
		.execute(db);
}

async function addTrigrams(db: Kysely<unknown>): Promise<void> {
	try {
		await sql`create extension if not exists pg_trgm`.execute(db);
	} catch (cause) {
		throw new Error(
			'searching needs the extension pg_trgm, and this role may not add it to the database. ' +
				'let a role that may run "create extension pg_trgm" in it, and start again',
			{ cause }
		);
	}
}

function latinLetters(): [number, string][] {
	const letters: [number, string][] = [];
	for (let code = 0x80; code < FIRST_UNKNOWN; code++) {
		if (code >= 0xd800 && code < 0xe000) continue;
		const letter = String.fromCodePoint(code);
		const latin = anyAscii(letter);
		if (latin === '' && !NO_LETTER.test(letter)) continue;
		letters.push([code, IDEOGRAPH.test(letter) ? ` ${latin} ` : latin]);
	}
	return letters;
}
