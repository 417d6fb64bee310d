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
	await resealTable(seal, counts, {
		nameOf: sessionRow,
		page: (after) =>
			db
				.selectFrom('oauth_sessions')
				.select(['did as id', 'ciphertext'])
				.where('did', '>', after)
				.orderBy('did')
				.limit(PAGE)
				.execute(),
		write: (id, before, ciphertext) =>
			db
				.updateTable('oauth_sessions')
				.set({ ciphertext })
				.where('did', '=', id)
				.where('ciphertext', '=', before)
				.execute()
	});
	await resealTable(seal, counts, {
		nameOf: stateRow,
		page: (after) =>
			db
				.selectFrom('oauth_states')
				.select(['state as id', 'ciphertext'])
				.where('state', '>', after)
				.orderBy('state')
				.limit(PAGE)
				.execute(),
		write: (id, before, ciphertext) =>
			db
				.updateTable('oauth_states')
				.set({ ciphertext })
				.where('state', '=', id)
				.where('ciphertext', '=', before)
				.execute()
	});
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
	nameOf(id: string): string;
	page(after: string): Promise<{ id: string; ciphertext: Buffer }[]>;
	write(id: string, before: Buffer, ciphertext: Buffer): Promise<unknown>;
}

async function resealTable(seal: Seal, counts: Resealed, table: SealedTable): Promise<void> {
	let after = '';
	for (;;) {
		const rows = await table.page(after);
		for (const { id, ciphertext } of rows) {
			if (seal.isNewest(ciphertext)) continue;
			const opened = seal.open(ciphertext, table.nameOf(id));
			if (opened === undefined) counts.unreadable += 1;
			else {
				await table.write(id, ciphertext, seal.close(opened, table.nameOf(id)));
				counts.resealed += 1;
			}
		}
		const last = rows.at(-1);
		if (!last) return;
		after = last.id;
	}
}
