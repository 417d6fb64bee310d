import { sql } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';

/**
 * Texts in the form names are compared in. The database knows it (search_fold), with the letters of all
 * scripts; what is in plain letters, as most of what is typed, is done here without asking it.
 */
export async function foldTexts(db: Db, texts: readonly string[]): Promise<string[]> {
	if (texts.every((text) => /^[\x01-\x7f]*$/.test(text))) return texts.map(foldPlain);
	const { rows } = await sql<{ folded: string }>`
		select search_fold(said) as folded
		from unnest(${texts}::text[]) with ordinality as given (said, place) order by place`.execute(db);
	return rows.map(({ folded }) => folded);
}

/** As search_fold does it, of which a test makes sure. */
function foldPlain(said: string): string {
	const words = said.slice(0, 300).toLowerCase().replaceAll("'", '');
	const spelt = words.replaceAll('&', ' and ').replaceAll('+', ' plus ');
	const folded = trimSpaces(spelt.replace(/[^a-z0-9]+/g, ' ')).slice(0, 500);
	if (folded !== '') return folded;
	// a name of signs only is itself
	return trimSpaces(said.toLowerCase().replace(/\s+/g, ' ')).slice(0, 100);
}

const trimSpaces = (text: string) => text.replace(/^ +| +$/g, '');
