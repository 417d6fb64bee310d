import type { NodeSavedSession, NodeSavedState } from '@atproto/oauth-client-node';
import type { Db } from '#lib/server/db/connect.ts';
import type { Logger } from '#lib/server/log.ts';
import type { Seal } from './seal.ts';

/** The shape in which the OAuth client wants its storage. */
interface Store<V> {
	get(key: string): Promise<V | undefined>;
	set(key: string, value: V): Promise<void>;
	del(key: string): Promise<void>;
}

export interface SessionStore extends Store<NodeSavedSession> {
	/** What a person granted, as their PDS said it; null without a grant. */
	grantedScope(did: string): Promise<string | null>;
}

export interface StateStore extends Store<NodeSavedState> {
	/** What a sign-in was started with, without taking it: also when it is too old to go on. */
	peek(state: string): Promise<{ appState: string | undefined; isExpired: boolean } | undefined>;
}

/** What the stores stand on. */
export interface StoreParts {
	db: Db;
	seal: Seal;
	log: Logger;
}

/** A sign-in that takes longer than this has to be started again. */
const STATE_LIFE_MS = 60 * 60 * 1000;

/** Names the place of a grant for its seal. */
export const sessionRow = (did: string) => `oauth_sessions:${did}`;
/** Names the place of a sign-in under way for its seal. */
export const stateRow = (state: string) => `oauth_states:${state}`;

/**
 * The grants, one per person, encrypted. One that no key of ours opens is as good as none, and is kept:
 * the key may come back.
 */
export function createSessionStore({ db, seal, log }: StoreParts): SessionStore {
	const del = async (did: string) => {
		await db.deleteFrom('oauth_sessions').where('did', '=', did).execute();
	};
	const get = async (did: string) => {
		const row = await db
			.selectFrom('oauth_sessions')
			.select('ciphertext')
			.where('did', '=', did)
			.executeTakeFirst();
		if (!row) return undefined;
		const opened = seal.open(row.ciphertext, sessionRow(did));
		if (opened !== undefined) return JSON.parse(opened) as NodeSavedSession;
		log.warn('oauth_session_unreadable', { did });
		return undefined;
	};
	return {
		del,
		get,
		async set(did, session) {
			const ciphertext = seal.close(JSON.stringify(session), sessionRow(did));
			const { scope } = session.tokenSet;
			await db
				.insertInto('oauth_sessions')
				.values({ did, ciphertext, scope })
				.onConflict((conflict) =>
					conflict.column('did').doUpdateSet({ ciphertext, scope, updated_at: new Date() })
				)
				.execute();
		},
		async grantedScope(did) {
			const row = await db
				.selectFrom('oauth_sessions')
				.select('scope')
				.where('did', '=', did)
				.executeTakeFirst();
			if (!row) return null;
			// a grant from before the column was there says it itself
			return row.scope ?? (await get(did))?.tokenSet.scope ?? null;
		}
	};
}

/**
 * Sign-ins under way, encrypted. Reading one takes it away in the same statement, so that of two
 * callbacks with the same state only one goes on.
 */
export function createStateStore({ db, seal, log }: StoreParts): StateStore {
	const open = (state: string, row: StateRow): NodeSavedState | undefined => {
		const opened = seal.open(row.ciphertext, stateRow(state));
		if (opened !== undefined) return JSON.parse(opened) as NodeSavedState;
		log.warn('oauth_state_unreadable');
		return undefined;
	};
	return {
		async peek(state) {
			const row = await db
				.selectFrom('oauth_states')
				.select(['ciphertext', 'created_at'])
				.where('state', '=', state)
				.executeTakeFirst();
			const saved = row && open(state, row);
			return saved && { appState: saved.appState, isExpired: isExpired(row) };
		},
		async get(state) {
			const row = await db
				.deleteFrom('oauth_states')
				.where('state', '=', state)
				.returning(['ciphertext', 'created_at'])
				.executeTakeFirst();
			return row && !isExpired(row) ? open(state, row) : undefined;
		},
		async set(state, saved) {
			const ciphertext = seal.close(JSON.stringify(saved), stateRow(state));
			await db.insertInto('oauth_states').values({ state, ciphertext }).execute();
		},
		async del(state) {
			await db.deleteFrom('oauth_states').where('state', '=', state).execute();
		}
	};
}

interface StateRow {
	ciphertext: Buffer;
	created_at: Date;
}

const isExpired = (row: StateRow) => row.created_at.getTime() < Date.now() - STATE_LIFE_MS;
