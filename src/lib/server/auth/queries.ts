import type { Insertable } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';
import type { ExchangeTokenTable, SessionTable } from '#lib/server/db/schema.ts';

export async function insertSession(db: Db, session: Insertable<SessionTable>): Promise<void> {
	await db.insertInto('sessions').values(session).execute();
}

/** A session, expired or not, with what the person's artist profile says. */
export async function findSessionWithArtist(db: Db, idHash: string) {
	return await db
		.selectFrom('sessions')
		.leftJoin('artists', 'artists.did', 'sessions.did')
		.where('id_hash', '=', idHash)
		.select((eb) => [
			'sessions.did',
			'sessions.expires_at',
			eb.fn.coalesce('artists.handle', 'sessions.handle').as('handle'),
			'artists.display_name',
			'artists.avatar_image_id'
		])
		.executeTakeFirst();
}

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
