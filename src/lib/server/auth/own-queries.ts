import { type Insertable, sql } from 'kysely';
import type { PreferencesJson } from '#lib/preferences/preferences-json.ts';
import type { Db } from '#lib/server/db/connect.ts';
import type { DeveloperTokenTable } from '#lib/server/db/schema.ts';

/** Of the hash of a session's id so much names it to its owner; nothing can be done with it but to end it. */
export const SIGN_IN_ID_LENGTH = 16;

/** More than anybody has: the newest are shown. */
const MOST_SHOWN = 200;

export async function findSignIns(db: Db, did: string) {
	return await db
		.selectFrom('sessions')
		.select(['id_hash', 'device', 'created_at', 'expires_at', 'last_used_at'])
		.where('did', '=', did)
		.where('expires_at', '>', new Date())
		.orderBy(sql`coalesce(last_used_at, created_at)`, 'desc')
		.limit(MOST_SHOWN)
		.execute();
}

/** Deletes one session of a person, all of them, or all but one. @returns their hashes */
export async function deleteSignIns(
	db: Db,
	did: string,
	which: { id: string } | { except: string | undefined }
): Promise<string[]> {
	let query = db.deleteFrom('sessions').where('did', '=', did);
	if ('id' in which) {
		query = query.where(sql<string>`left(id_hash, ${SIGN_IN_ID_LENGTH})`, '=', which.id);
	} else if (which.except !== undefined) query = query.where('id_hash', '!=', which.except);
	const rows = await query.returning('id_hash').execute();
	return rows.map((row) => row.id_hash);
}

/** @returns false: its owner has one of this name */
export async function insertToken(
	db: Db,
	token: Insertable<DeveloperTokenTable>
): Promise<boolean> {
	const made = await db
		.insertInto('developer_tokens')
		.values(token)
		.onConflict((conflict) => conflict.columns(['did', 'name']).doNothing())
		.returning('selector')
		.executeTakeFirst();
	return made !== undefined;
}

export async function findTokens(db: Db, did: string) {
	return await db
		.selectFrom('developer_tokens')
		.select(['selector', 'name', 'scope', 'created_at', 'expires_at', 'last_used_at'])
		.where('did', '=', did)
		.orderBy('created_at', 'desc')
		.execute();
}

export async function countTokens(db: Db, did: string): Promise<number> {
	const row = await db
		.selectFrom('developer_tokens')
		.select((eb) => eb.fn.countAll<number>().as('count'))
		.where('did', '=', did)
		.executeTakeFirstOrThrow();
	return row.count;
}

/** A token, expired or not, with what a session has. */
export async function findTokenWithOwner(db: Db, selector: string) {
	return await db
		.selectFrom('developer_tokens as token')
		.leftJoin('artists', 'artists.did', 'token.did')
		.leftJoin('preferences', 'preferences.did', 'token.did')
		.where('token.selector', '=', selector)
		.select((eb) => [
			'token.did',
			'token.secret_hash',
			'token.scope',
			'token.expires_at',
			'token.last_used_at',
			eb.fn.coalesce('artists.handle', 'token.handle').as('handle'),
			'artists.display_name',
			'artists.avatar_image_id',
			sql<PreferencesJson | null>`to_jsonb(preferences)`.as('preferences')
		])
		.executeTakeFirst();
}

export async function touchToken(db: Db, selector: string): Promise<void> {
	await db
		.updateTable('developer_tokens')
		.set({ last_used_at: new Date() })
		.where('selector', '=', selector)
		.execute();
}

/** @returns whether there was one */
export async function deleteToken(db: Db, did: string, selector: string): Promise<boolean> {
	const deleted = await db
		.deleteFrom('developer_tokens')
		.where('did', '=', did)
		.where('selector', '=', selector)
		.returning('selector')
		.executeTakeFirst();
	return deleted !== undefined;
}

/** @returns their selectors */
export async function deleteTokens(db: Db, did: string): Promise<string[]> {
	const rows = await db
		.deleteFrom('developer_tokens')
		.where('did', '=', did)
		.returning('selector')
		.execute();
	return rows.map(({ selector }) => selector);
}
