import { randomBytes, timingSafeEqual } from 'node:crypto';
import {
	type DeveloperToken,
	MAX_TOKEN_NAME_LENGTH,
	TOKEN_DAYS,
	type TokenScope
} from '#lib/auth/developer-token.ts';
import type { Viewer } from '#lib/auth/viewer.ts';
import type { Context } from '#lib/server/context.ts';
import type { Db } from '#lib/server/db/connect.ts';
import { conflict, DomainError, notFound, unprocessable } from '#lib/server/errors.ts';
import { announce } from '#lib/server/events/hub.ts';
import { isUseNews, lastUseInWords } from './last-use.ts';
import { letGoOfGrant } from './let-go-of-grant.ts';
import {
	countTokens,
	deleteToken,
	deleteTokens,
	findTokens,
	findTokenWithOwner,
	insertToken,
	touchToken
} from './own-queries.ts';
import { hashSecretId, makeSecretId } from './secret-id.ts';
import { isSignInLive, type LiveSession, viewerOf } from './sessions.ts';

/** By which a token is known wherever it is found, and told from a session's id. */
export const TOKEN_PREFIX = 'plyr_';

/** 12 bytes find the row, 32 nobody guesses. */
const TOKEN = /^plyr_([A-Za-z0-9_-]{16})([A-Za-z0-9_-]{43})$/;

const MOST_TOKENS = 50;
const DAY_MS = 24 * 60 * 60 * 1000;

/** What its owner wants a token to be, as it was given. */
export interface TokenWish {
	name: string;
	scope: string;
	days: number;
}

/**
 * Makes a token for programs of the viewer's.
 * @returns it; the database keeps a hash, so nobody sees it again
 * @throws DomainError 422 naming what does not fit; 409 `token_name_taken`, `too_many_tokens`
 */
export async function createDeveloperToken(
	{ db, log }: Pick<Context, 'db' | 'log'>,
	viewer: Viewer,
	wish: TokenWish
): Promise<string> {
	const name = cleanName(wish.name);
	const scope = scopeOf(wish.scope);
	if (!(TOKEN_DAYS as readonly number[]).includes(wish.days)) {
		throw unprocessable('days', `a token lives for ${TOKEN_DAYS.join(', ')} days`);
	}
	if ((await countTokens(db, viewer.did)) >= MOST_TOKENS) {
		throw conflict('too_many_tokens', `there are ${MOST_TOKENS} tokens already: revoke one first`);
	}
	const selector = randomBytes(12).toString('base64url');
	const secret = makeSecretId();
	const isMade = await insertToken(db, {
		...{ selector, name, scope, did: viewer.did, handle: viewer.handle },
		secret_hash: hashSecretId(secret),
		expires_at: new Date(Date.now() + wish.days * DAY_MS)
	});
	if (!isMade) {
		throw conflict(
			'token_name_taken',
			`you have a token called ${name}: give this one another name`
		);
	}
	log.info('developer_token_made', { did: viewer.did, scope, days: wish.days });
	return TOKEN_PREFIX + selector + secret;
}

function cleanName(text: string): string {
	const name = text
		.toWellFormed()
		.normalize('NFC')
		.replace(/[\p{C}\s]+/gu, ' ')
		.trim();
	if (name === '') throw unprocessable('name', 'a token needs a name, by which you know it again');
	if (name.length > MAX_TOKEN_NAME_LENGTH) {
		throw unprocessable('name', `a name has at most ${MAX_TOKEN_NAME_LENGTH} characters`);
	}
	return name;
}

function scopeOf(text: string): TokenScope {
	if (text === 'read' || text === 'write') return text;
	throw unprocessable('scope', 'a token is for read or for write');
}

/** The viewer's tokens, the newest first. */
export async function listDeveloperTokens(
	{ db }: Pick<Context, 'db'>,
	{ did }: Pick<Viewer, 'did'>
): Promise<DeveloperToken[]> {
	const rows = await findTokens(db, did);
	return rows.map((row) => ({
		id: row.selector,
		name: row.name,
		scope: row.scope,
		createdAt: row.created_at.toISOString(),
		expiresAt: row.expires_at.toISOString(),
		isExpired: row.expires_at.getTime() <= Date.now(),
		lastUsed: lastUseInWords(row.last_used_at)
	}));
}

/**
 * Ends a token at once, with everything that is open by it.
 * @throws DomainError 404 `token_not_found`
 */
export async function revokeDeveloperToken(
	ctx: Pick<Context, 'db' | 'log' | 'oauth'>,
	{ did }: Pick<Viewer, 'did'>,
	id: string
): Promise<void> {
	await ctx.db.transaction().execute(async (trx) => {
		if (!(await deleteToken(trx, did, id))) {
			throw notFound('that token is gone already', 'token_not_found');
		}
		await announce(trx, { topic: 'session', id: sessionKey(id), did });
	});
	ctx.log.info('developer_token_revoked', { did });
	await letGoOfGrant(ctx, did);
}

/** Ends all tokens of somebody who leaves. */
export async function revokeTokens(
	{ db }: Pick<Context, 'db'>,
	{ did }: Pick<Viewer, 'did'>
): Promise<void> {
	await db.transaction().execute(async (trx) => {
		for (const id of await deleteTokens(trx, did)) {
			await announce(trx, { topic: 'session', id: sessionKey(id), did });
		}
	});
}

/** What names a token among the sessions. */
const SESSION_KEY = 'token:';
const sessionKey = (selector: string) => SESSION_KEY + selector;

/**
 * Who a token acts for. Its secret is compared in the same time whatever is wrong with it.
 * @throws DomainError 401 `invalid_token`, `token_expired`
 */
export async function findTokenSession(db: Db, token: string): Promise<LiveSession> {
	const [, selector, secret] = TOKEN.exec(token) ?? [];
	if (selector === undefined || secret === undefined) throw invalidToken();
	const row = await findTokenWithOwner(db, selector);
	const isRight = isSame(row?.secret_hash ?? hashSecretId(''), hashSecretId(secret));
	if (!row || !isRight) throw invalidToken();
	if (row.expires_at.getTime() <= Date.now()) {
		throw new DomainError(
			401,
			'token_expired',
			'this token has expired. its owner makes a new one'
		);
	}
	if (isUseNews(row.last_used_at)) await touchToken(db, selector);
	return {
		...{ idHash: sessionKey(selector), expiresAt: row.expires_at, viewer: viewerOf(row) },
		...{ preferences: row.preferences, token: row.scope }
	};
}

const invalidToken = () =>
	new DomainError(401, 'invalid_token', 'this token is none of ours, or it was revoked');

const isSame = (a: string, b: string): boolean => timingSafeEqual(Buffer.from(a), Buffer.from(b));

/** Whether a session, of a sign-in or by a token, has not ended. */
export async function isSessionLive(db: Db, { idHash, token }: LiveSession): Promise<boolean> {
	if (token === null) return await isSignInLive(db, idHash);
	const row = await findTokenWithOwner(db, idHash.slice(SESSION_KEY.length));
	return row !== undefined && row.expires_at.getTime() > Date.now();
}
