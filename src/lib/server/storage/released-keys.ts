import { sql, type Transaction } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';
import type { Database } from '#lib/server/db/schema.ts';

/** The key is about to be deleted, or was a moment ago: store the bytes again, under another one. */
export class KeyReleased extends Error {
	constructor(key: string) {
		super(`${key} was released while it was about to be used`);
		this.name = 'KeyReleased';
	}
}

/**
 * Decisions about the same content follow each other: whether its object may go, and that it is
 * used. Ends with the transaction.
 */
export async function lockContent(trx: Transaction<Database>, id: string): Promise<void> {
	await sql`select pg_advisory_xact_lock(hashtextextended(${`content:${id}`}, 0))`.execute(trx);
}

/** `lockContent` for several: in one order, so that nobody waits for somebody who waits for them. */
export async function lockContents(
	trx: Transaction<Database>,
	ids: readonly string[]
): Promise<void> {
	for (const id of [...new Set(ids)].sort()) await lockContent(trx, id);
}

/**
 * The first of the keys an object can have that nobody is about to delete: a deletion that is under
 * way then can never meet the bytes that are stored meanwhile.
 * @param prefixOf the beginning of every key of the object; `suffix` is '' or tells it from earlier ones
 */
export async function usablePrefix(db: Db, prefixOf: (suffix: string) => string): Promise<string> {
	for (let generation = 1; ; generation++) {
		const prefix = prefixOf(generation === 1 ? '' : `-${generation}`);
		const released = await db
			.selectFrom('released_objects')
			.select('storage_key')
			.where(sql<boolean>`starts_with(storage_key, ${prefix})`)
			.executeTakeFirst();
		if (!released) return prefix;
	}
}

/**
 * To be called in the transaction that keeps the row of an object, which it makes the only one to
 * decide about this content.
 * @throws KeyReleased when one of the keys must not be used after all
 */
export async function claimKeys(
	trx: Transaction<Database>,
	id: string,
	keys: readonly string[]
): Promise<void> {
	await lockContent(trx, id);
	const released = await trx
		.selectFrom('released_objects')
		.select('storage_key')
		.where('storage_key', 'in', keys)
		.executeTakeFirst();
	if (released) throw new KeyReleased(released.storage_key);
}
