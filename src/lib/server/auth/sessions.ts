import type { TokenScope } from '#lib/auth/developer-token.ts';
import type { Viewer } from '#lib/auth/viewer.ts';
import type { PreferencesJson } from '#lib/preferences/preferences-json.ts';
import type { Db } from '#lib/server/db/connect.ts';
import { announce } from '#lib/server/events/hub.ts';
import { isUseNews } from './last-use.ts';
import { deleteSession, findSessionWithArtist, insertSession, touchSession } from './queries.ts';
import { hashSecretId, makeSecretId } from './secret-id.ts';

/** Fixed from the sign-in on, not prolonged by use: a public client's grant lasts as long. */
const SESSION_LIFE_MS = 14 * 24 * 60 * 60 * 1000;

/** A person to make a session for. */
export interface SessionOwner {
	did: string;
	handle: string;
	/** when the grant ends, in ms since 1970; undefined when it renews itself */
	grantEndsAt: number | undefined;
	/** where, in plain words (device.ts); null: nobody said */
	device: string | null;
}

/** A new session. Its id exists here and in the cookie only; the database keeps a hash. */
export async function createSession(
	db: Db,
	{ did, handle, grantEndsAt, device }: SessionOwner
): Promise<{ id: string; expiresAt: Date }> {
	const id = makeSecretId();
	const expiresAt = new Date(Math.min(Date.now() + SESSION_LIFE_MS, grantEndsAt ?? Infinity));
	await insertSession(db, {
		...{ id_hash: hashSecretId(id), did, handle, device },
		expires_at: expiresAt,
		last_used_at: new Date()
	});
	return { id, expiresAt };
}

/** A session that has not ended, as requests see it. */
export interface LiveSession {
	/** as the database keeps it */
	idHash: string;
	expiresAt: Date;
	viewer: Viewer;
	/** what they have chosen; null: nothing yet */
	preferences: PreferencesJson | null;
	/** of a program that shows a token of its owner; null: a sign-in, which may do everything */
	token: TokenScope | null;
}

/** Who a session id belongs to; null for unknown ones, and for expired ones, which are deleted. */
export async function findViewer(db: Db, sessionId: string): Promise<Viewer | null> {
	return (await findSession(db, sessionId))?.viewer ?? null;
}

/** Whether a sign-in has not ended. @param idHash as the database keeps it */
export const isSignInLive = async (db: Db, idHash: string): Promise<boolean> =>
	((await findSessionWithArtist(db, idHash))?.expires_at ?? 0) > new Date();

/** The session of an id; null as for `findViewer`. */
export async function findSession(db: Db, sessionId: string): Promise<LiveSession | null> {
	const idHash = hashSecretId(sessionId);
	const row = await findSessionWithArtist(db, idHash);
	if (!row) return null;
	if (row.expires_at.getTime() <= Date.now()) {
		await deleteSession(db, idHash);
		return null;
	}
	if (isUseNews(row.last_used_at)) await touchSession(db, idHash);
	return {
		...{ idHash, expiresAt: row.expires_at, viewer: viewerOf(row) },
		...{ preferences: row.preferences, token: null }
	};
}

/** A person as a query of sessions or tokens finds them. */
export const viewerOf = (row: {
	did: string;
	handle: string;
	display_name: string | null;
	avatar_image_id: string | null;
}): Viewer => ({
	did: row.did,
	handle: row.handle,
	displayName: row.display_name,
	avatarUrl: row.avatar_image_id === null ? null : `/images/${row.avatar_image_id}`
});

/** Ends a session. @returns whose it was; undefined for unknown ids */
export async function endSession(db: Db, sessionId: string): Promise<{ did: string } | undefined> {
	const idHash = hashSecretId(sessionId);
	const ended = await deleteSession(db, idHash);
	if (ended) await announce(db, { topic: 'session', id: idHash, did: ended.did });
	return ended;
}
