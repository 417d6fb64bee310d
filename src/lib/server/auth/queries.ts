import { type Insertable, sql } from 'kysely';
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
			eb.fn.coalesce('artists.handle', 'sessions.handle').as('handle'),
			'artists.display_name',
			'artists.avatar_image_id',
			sql<PreferencesJson | null>`to_jsonb(preferences)`.as('preferences')
		])
);

/** Deletes a session and says whether the same person has another one that has not ended. */
export async function deleteSession(db: Db, idHash: string) {
	return await db
		.deleteFrom('sessions')
		.where('id_hash', '=', idHash)
		.returning((eb) => [
			'did',
			eb
				.exists(
					eb
						.selectFrom('sessions as other')
						.select('other.did')
						.whereRef('other.did', '=', 'sessions.did')
						.whereRef('other.id_hash', '<>', 'sessions.id_hash')
						.where('other.expires_at', '>', new Date())
				)
				.as('has_others')
		])
		.executeTakeFirst();
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
	return {
		sessions: Number(sessions.numDeletedRows),
		states: Number(states.numDeletedRows),
		exchangeTokens: Number(exchangeTokens.numDeletedRows)
	};
}

/** DIDs whose grant was last changed before a time and who have no session that has not ended. */
export async function findGrantsWithoutSession(
	db: Db,
	before: Date,
	limit: number
): Promise<string[]> {
	const rows = await db
		.selectFrom('oauth_sessions')
		.select('oauth_sessions.did')
		.where('oauth_sessions.updated_at', '<', before)
		.where((eb) =>
			eb.not(
				eb.exists(
					eb
						.selectFrom('sessions')
						.select('sessions.did')
						.whereRef('sessions.did', '=', 'oauth_sessions.did')
						.where('sessions.expires_at', '>', new Date())
				)
			)
		)
		.orderBy('oauth_sessions.updated_at')
		.limit(limit)
		.execute();
	return rows.map((row) => row.did);
}
