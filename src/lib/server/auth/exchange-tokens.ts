import type { Db } from '#lib/server/db/connect.ts';
import { DomainError } from '#lib/server/errors.ts';
import { insertExchangeToken, useExchangeToken } from './queries.ts';
import { hashSecretId, makeSecretId } from './secret-id.ts';
import { createSession, type SessionOwner } from './sessions.ts';

const TOKEN_LIFE_MS = 60_000;

/** A code for a program: valid for 60 s, once. The database keeps a hash of it. */
export async function createExchangeToken(
	db: Db,
	owner: Omit<SessionOwner, 'device'>
): Promise<string> {
	const token = makeSecretId();
	await insertExchangeToken(db, {
		token_hash: hashSecretId(token),
		did: owner.did,
		handle: owner.handle,
		session_expires_at: owner.grantEndsAt === undefined ? null : new Date(owner.grantEndsAt),
		expires_at: new Date(Date.now() + TOKEN_LIFE_MS)
	});
	return token;
}

/**
 * A session for a code.
 * @param device of the program, see `SessionOwner`
 * @throws DomainError 401 for a code that is unknown, expired or used
 */
export async function exchangeForSession(
	db: Db,
	token: string,
	device: string | null
): Promise<{ id: string; expiresAt: Date }> {
	const used = await useExchangeToken(db, hashSecretId(token));
	if (!used) {
		throw new DomainError(
			401,
			'invalid_exchange_token',
			'invalid, expired, or already used exchange token'
		);
	}
	const { did, handle, session_expires_at: endsAt } = used;
	return createSession(db, { did, handle, grantEndsAt: endsAt?.getTime(), device });
}
