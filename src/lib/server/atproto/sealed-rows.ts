import { sql } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';
import type { Secrets } from '#lib/server/secrets.ts';
import { createSeal, type Seal } from './seal.ts';
import { sessionRow, stateRow } from './stores.ts';

/** How many of the newest grants were looked at, and how many the keys open. */
export interface ReadableGrants {
	looked: number;
	opened: number;
}

/** What became of the sealed rows. */
export interface Resealed {
	/** sealed anew with the newest key */
	resealed: number;
	/** no key of ours opens them; they were left as they are */
	unreadable: number;
}

const SAMPLE = 20;
const PAGE = 500;

/** Whether the keys are those that people have signed in with. */
export async function countReadableGrants(db: Db, secrets: Secrets): Promise<ReadableGrants> {
	const seal = createSeal(secrets.encryptionKeys);
	const rows = await db
		.selectFrom('oauth_sessions')
		.select(['did', 'ciphertext'])
		.orderBy('updated_at', 'desc')
		.limit(SAMPLE)
		.execute();
	const opened = rows.filter((row) => seal.open(row.ciphertext, sessionRow(row.did)) !== undefined);
	return { looked: rows.length, opened: opened.length };
}

/**
 * Seals everything with the newest key, so that the former ones are not needed any more. A row that
 * somebody writes meanwhile is left to them.
 */
export async function reseal(db: Db, secrets: Secrets): Promise<Resealed> {
	const seal = createSeal(secrets.encryptionKeys);
	const counts = { resealed: 0, unreadable: 0 };
	await resealTable(db, seal, counts, { table: 'oauth_sessions', id: 'did', nameOf: sessionRow });
	await resealTable(db, seal, counts, { table: 'oauth_states', id: 'state', nameOf: stateRow });
	return counts;
}

/** Removes the grants that no key of ours opens: whoever gave them signs in again. @returns how many */
export async function forgetUnreadable(db: Db, secrets: Secrets): Promise<number> {
	const seal = createSeal(secrets.encryptionKeys);
	const rows = await db.selectFrom('oauth_sessions').select(['did', 'ciphertext']).execute();
	const lost = rows.filter((row) => seal.open(row.ciphertext, sessionRow(row.did)) === undefined);
	for (const { did } of lost) {
		await db.deleteFrom('oauth_sessions').where('did', '=', did).execute();
	}
	return lost.length;
}

interface SealedTable {
	table: 'oauth_sessions' | 'oauth_states';
	/** the column its rows are known by */
	id: 'did' | 'state';
	nameOf: (id: string) => string;
}

async function resealTable(
	db: Db,
	seal: Seal,
	counts: Resealed,
	{ table, id: column, nameOf }: SealedTable
): Promise<void> {
	const [from, id] = [sql.table(table), sql.ref(column)];
	for (let after: string | undefined = ''; after !== undefined;) {
		const { rows } = await sql<{ id: string; ciphertext: Buffer }>`
			select ${id} as id, ciphertext from ${from}
			where ${id} > ${after} order by ${id} limit ${PAGE}`.execute(db);
		for (const row of rows) {
			if (seal.isNewest(row.ciphertext)) continue;
			const opened = seal.open(row.ciphertext, nameOf(row.id));
			if (opened === undefined) counts.unreadable += 1;
			else {
				await sql`update ${from} set ciphertext = ${seal.close(opened, nameOf(row.id))}
					where ${id} = ${row.id} and ciphertext = ${row.ciphertext}`.execute(db);
				counts.resealed += 1;
			}
		}
		after = rows.at(-1)?.id;
	}
}
