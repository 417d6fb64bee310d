import { type Insertable, type RawBuilder, sql } from 'kysely';
import type { PreferencesJson } from '#lib/preferences/preferences-json.ts';
import { builtOnce } from '#lib/server/db/built-once.ts';
import type { Db } from '#lib/server/db/connect.ts';
import type { ExchangeTokenTable, SessionTable } from '#lib/server/db/schema.ts';

export async function insertSession(db: Db, session: Insertable<SessionTable>): Promise<void> {
	await db.insertInto('sessions').values(session).execute();
}

/** A session, expired or not, with what the person's artist profile says and what they have chosen. */
export async function findSessionWithArtist(db: Db, idHash: string) {
	const [row] = await readSession(db, idHash);
	return row;
}

const readSession = builtOnce((db: Db, idHash: string) =>
	db
		.selectFrom('sessions')
		.leftJoin('artists', 'artists.did', 'sessions.did')
		.leftJoin('preferences', 'preferences.did', 'sessions.did')
		.where('id_hash', '=', idHash)
		.select((eb) => [
			'sessions.did',
			'sessions.expires_at',
			'sessions.last_used_at',
			eb.fn.coalesce('artists.handle', 'sessions.handle').as('handle'),
			'artists.display_name',
			'artists.avatar_image_id',
			sql<PreferencesJson | null>`to_jsonb(preferences)`.as('preferences')
		])
);

/** Deletes a session. @returns whose it was */
export async function deleteSession(db: Db, idHash: string) {
	return await db
		.deleteFrom('sessions')
		.where('id_hash', '=', idHash)
		.returning('did')
		.executeTakeFirst();
}

/** Writes down that a session is used, unless somebody has just done so. */
export async function touchSession(db: Db, idHash: string): Promise<void> {
	await db
		.updateTable('sessions')
		.set({ last_used_at: new Date() })
		.where('id_hash', '=', idHash)
		.execute();
}

export async function insertExchangeToken(
	db: Db,
	token: Insertable<ExchangeTokenTable>
): Promise<void> {
	await db.insertInto('exchange_tokens').values(token).execute();
}

/** Uses a token up: of two callers only one gets it, and nobody gets an expired one. */
export async function useExchangeToken(db: Db, tokenHash: string) {
	return await db
		.updateTable('exchange_tokens')
		.set({ used_at: new Date() })
		.where('token_hash', '=', tokenHash)
		.where('used_at', 'is', null)
		.where('expires_at', '>', new Date())
		.returning(['did', 'handle', 'session_expires_at'])
		.executeTakeFirst();
}

/** Codes are kept a little longer than they are valid, so that a used one is not an unknown one. */
const CODE_KEEP_MS = 60 * 60 * 1000;
/** An owner sees for a while that a token has ended, and not only that it is gone. */
const TOKEN_KEEP_MS = 30 * 24 * 60 * 60 * 1000;
const STATE_LIFE_MS = 60 * 60 * 1000;

export async function deleteExpired(db: Db) {
	const now = Date.now();
	const sessions = await db
		.deleteFrom('sessions')
		.where('expires_at', '<', new Date(now))
		.executeTakeFirst();
	const states = await db
		.deleteFrom('oauth_states')
		.where('created_at', '<', new Date(now - STATE_LIFE_MS))
		.executeTakeFirst();
	const exchangeTokens = await db
		.deleteFrom('exchange_tokens')
		.where('expires_at', '<', new Date(now - CODE_KEEP_MS))
		.executeTakeFirst();
	await db
		.deleteFrom('developer_tokens')
		.where('expires_at', '<', new Date(now - TOKEN_KEEP_MS))
		.execute();
	return {
		sessions: Number(sessions.numDeletedRows),
		states: Number(states.numDeletedRows),
		exchangeTokens: Number(exchangeTokens.numDeletedRows)
	};
}

/**
 * Whether something that has not ended needs somebody's grant: a session, a token that may change things,
 * or the deletion of an account with its records.
 */
const isGrantUsed = (did: RawBuilder<string>) => sql<boolean>`(
	exists (select 1 from sessions where did = ${did} and expires_at > now())
	or exists (
		select 1 from developer_tokens
		where did = ${did} and scope = 'write' and expires_at > now())
	or exists (
		select 1 from account_deletions
		where did = ${did} and with_records and finished_at is null))`;

/** Whether anything uses the grant of one person. */
export async function hasUseOfGrant(db: Db, did: string): Promise<boolean> {
	const { rows } = await sql<{ answer: boolean }>`
		select ${isGrantUsed(sql<string>`${did}`)} as answer`.execute(db);
	return rows[0]?.answer ?? true;
}

/** DIDs whose grant was last changed before a time and that nothing uses any more. */
export async function findUnusedGrants(db: Db, before: Date, limit: number): Promise<string[]> {
	const rows = await db
		.selectFrom('oauth_sessions')
		.select('did')
		.where('updated_at', '<', before)
		.where((eb) => eb.not(isGrantUsed(sql.ref('oauth_sessions.did'))))
		.orderBy('updated_at')
		.limit(limit)
		.execute();
	return rows.map((row) => row.did);
}
