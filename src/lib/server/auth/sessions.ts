import type { Viewer } from '#lib/auth/viewer.ts';
import type { PreferencesJson } from '#lib/preferences/preferences-json.ts';
import type { Db } from '#lib/server/db/connect.ts';
import { announce } from '#lib/server/events/hub.ts';
import { deleteSession, findSessionWithArtist, insertSession } from './queries.ts';
import { hashSecretId, makeSecretId } from './secret-id.ts';

/** Fixed from the sign-in on, not prolonged by use: a public client's grant lasts as long. */
const SESSION_LIFE_MS = 14 * 24 * 60 * 60 * 1000;

/** A person to make a session for. */
export interface SessionOwner {
	did: string;
	handle: string;
	/** when the grant ends, in ms since 1970; undefined when it renews itself */
	grantEndsAt: number | undefined;
}

/** A new session. Its id exists here and in the cookie only; the database keeps a hash. */
export async function createSession(
	db: Db,
	{ did, handle, grantEndsAt }: SessionOwner
): Promise<{ id: string; expiresAt: Date }> {
	const id = makeSecretId();
	const expiresAt = new Date(Math.min(Date.now() + SESSION_LIFE_MS, grantEndsAt ?? Infinity));
	await insertSession(db, { id_hash: hashSecretId(id), did, handle, expires_at: expiresAt });
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
}

/** Who a session id belongs to; null for unknown ones, and for expired ones, which are deleted. */
export async function findViewer(db: Db, sessionId: string): Promise<Viewer | null> {
	return (await findSession(db, sessionId))?.viewer ?? null;
}

/** Whether a session has not ended. */
export const isSessionLive = async (db: Db, { idHash }: LiveSession): Promise<boolean> =>
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
	const viewer = {
		did: row.did,
		handle: row.handle,
		displayName: row.display_name,
		avatarUrl: row.avatar_image_id === null ? null : `/images/${row.avatar_image_id}`
	};
	return { idHash, expiresAt: row.expires_at, viewer, preferences: row.preferences };
}

/** Ends a session. @returns whose it was and whether they have another one; undefined for unknown ids */
export async function endSession(
	db: Db,
	sessionId: string
): Promise<{ did: string; hasOthers: boolean } | undefined> {
	const idHash = hashSecretId(sessionId);
	const ended = await deleteSession(db, idHash);
	if (ended) await announce(db, { topic: 'session', id: idHash, did: ended.did });
	return ended && { did: ended.did, hasOthers: Boolean(ended.has_others) };
}
