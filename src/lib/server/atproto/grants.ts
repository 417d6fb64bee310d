import type { NodeSavedSessionStore } from '@atproto/oauth-client-node';
import { DomainError } from '#lib/server/errors.ts';
import { describeError, type Logger } from '#lib/server/log.ts';
import type { Metrics } from '#lib/server/metrics/metrics.ts';
import type { GrantClient, GrantSession } from './grant-client.ts';
import { PdsUnavailable, SignInAgain } from './oauth-errors.ts';
import type { RequestLock } from './request-lock.ts';

/** People's grants: used, kept fresh, ended. */
export interface Grants {
	/** @throws SignInAgain, PdsUnavailable */
	check(did: string): Promise<void>;
	/** One request to the person's PDS in their name. @throws SignInAgain, PdsUnavailable */
	fetch(did: string, path: string, init: RequestInit): Promise<Response>;
	revoke(did: string): Promise<void>;
}

/** What the grants stand on. */
export interface GrantParts {
	client: () => Promise<GrantClient>;
	lock: RequestLock;
	sessionStore: NodeSavedSessionStore;
	log: Logger;
	metrics: Pick<Metrics, 'oauthRefreshes'>;
}

/** The library renews a token at most 40 s before its end; later than this we ask it to look. */
const FRESH_FOR_MS = 45_000;

/** The name the library itself locks a grant under, so that ours and its locks are the same. */
const lockName = (did: string) => `@atproto-oauth-client-${did}`;

export function createGrants({ client, lock, sessionStore, log, metrics }: GrantParts): Grants {
	/** Counts those who could not have it renewed; renewals are counted where they are kept. */
	async function counted(restoring: Promise<GrantSession>): Promise<GrantSession> {
		try {
			return await restoring;
		} catch (cause) {
			const { isGrantGone } = await import('./grant-client.ts');
			metrics.oauthRefreshes.add(1, isGrantGone(cause) ? 'gone' : 'failed');
			throw cause;
		}
	}

	/** The grant as it is now, renewed first when it is about to end. A fresh one needs no lock. */
	async function open(did: string): Promise<GrantSession> {
		const opened = await client();
		const session = await lock.unlocked(() => opened.restore(did, false));
		const endsAt = await lock.unlocked(() => session.endsAt());
		if (endsAt === undefined || endsAt > Date.now() + FRESH_FOR_MS) return session;
		return counted(opened.restore(did, 'auto'));
	}

	/** After a token was refused: whoever comes first renews it, all others find the new one. */
	async function renew(did: string, refusedToken: string): Promise<GrantSession> {
		const opened = await client();
		return lock(lockName(did), async () => {
			const stored = await opened.restore(did, false);
			if ((await stored.storedAccessToken()) !== refusedToken) return stored;
			return counted(opened.restore(did, true));
		});
	}

	/** Deletes a grant whose fresh token is refused too, unless a sign-in has just replaced it. */
	async function drop(did: string, refusedToken: string): Promise<void> {
		await lock(lockName(did), async () => {
			const stored = await sessionStore.get(did);
			if (stored?.tokenSet.access_token === refusedToken) await sessionStore.del(did);
		});
	}

	async function fetchAsPerson(did: string, path: string, init: RequestInit): Promise<Response> {
		const session = await open(did);
		const first = await lock.unlocked(() => session.attempt(path, init));
		if (!isTokenRefused(first.response) || init.body instanceof ReadableStream) {
			return first.response;
		}
		const renewed = await renew(did, first.accessToken);
		const second = await lock.unlocked(() => renewed.attempt(path, init));
		if (!isTokenRefused(second.response)) return second.response;
		await drop(did, second.accessToken);
		throw new SignInAgain(did);
	}

	/** Tells a grant that is gone from a network that fails. */
	async function translated<T>(did: string, action: () => Promise<T>): Promise<T> {
		try {
			return await action();
		} catch (cause) {
			if (cause instanceof DomainError) throw cause;
			const { isGrantGone } = await import('./grant-client.ts');
			if (isGrantGone(cause) || !(await sessionStore.get(did))) throw new SignInAgain(did, cause);
			log.warn('pds_unavailable', { did, ...describeError(cause) });
			throw new PdsUnavailable(cause);
		}
	}

	return {
		check: (did) =>
			translated(did, async () => {
				await open(did);
			}),
		fetch: (did, path, init) => translated(did, () => fetchAsPerson(did, path, init)),
		revoke: (did) => translated(did, async () => (await client()).revoke(did))
	};
}

/** RFC 6750 §3.1, RFC 9449 §7.1 */
function isTokenRefused(response: Response): boolean {
	if (response.status !== 401) return false;
	const challenge = response.headers.get('www-authenticate') ?? '';
	return /^(DPoP|Bearer) /i.test(challenge) && challenge.includes('error="invalid_token"');
}
