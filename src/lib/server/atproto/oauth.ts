import type { Config } from '#lib/server/config.ts';
import type { Db } from '#lib/server/db/connect.ts';
import type { Leases } from '#lib/server/db/leases.ts';
import type { Logger } from '#lib/server/log.ts';
import type { Secrets } from '#lib/server/secrets.ts';
import type { Instruments } from '#lib/server/trace/instruments.ts';
import {
	type ClientMetadata,
	checkClientKeys,
	describeClient,
	type PublicKey,
	publicKeys
} from './client-metadata.ts';
import { countRenewals } from './count-renewals.ts';
import type { GrantClient } from './grant-client.ts';
import { createGrants } from './grants.ts';
import { type Identity, toIdentity } from './identity.ts';
import { PdsUnavailable } from './oauth-errors.ts';
import { observeFetch } from './observed-fetch.ts';
import { createPdsAgent, type PdsAgent } from './pds-agent.ts';
import { createRequestLock } from './request-lock.ts';
import { createSafeFetch, type SafeFetch } from './safe-fetch.ts';
import { missingPermissions } from './scope.ts';
import { createSeal } from './seal.ts';
import type { RememberedSignIn } from './sign-in-problem.ts';
import { createSignIns, type SignedIn } from './sign-ins.ts';
import { createSessionStore, createStateStore } from './stores.ts';

/** Signing people in at their PDS, and acting there in their name. */
export interface Oauth {
	/**
	 * Where the person's browser goes to sign in and consent.
	 * @param handle as typed, or a DID
	 * @throws SignInProblem
	 */
	authorize(handle: string, request: Omit<RememberedSignIn, 'handle'>): Promise<URL>;
	/**
	 * Takes what the PDS sent the browser back with, once.
	 * @param binding the browser's own; a sign-in started in another browser is refused
	 * @throws SignInProblem, which knows what the sign-in was started with
	 */
	callback(params: URLSearchParams, binding: string | undefined): Promise<SignedIn>;
	/**
	 * The person's PDS, for writing in their name.
	 * @throws SignInAgain when the grant is gone; PdsUnavailable when trying again makes sense
	 */
	agentFor(did: string): Promise<PdsAgent>;
	/** Whether there is a grant, as far as it is known here: nobody is asked. */
	hasGrant(did: string): Promise<boolean>;
	/**
	 * What of a scope a person has not granted, as far as it is known here.
	 * @returns null when there is no grant at all
	 */
	missingOf(did: string, scope: string): Promise<string[] | null>;
	/** Ends the grant at the PDS, as far as it answers, and here in any case. */
	revoke(did: string): Promise<void>;
	/**
	 * Who is behind a DID or a handle, as it was an hour ago at most.
	 * @throws PdsUnavailable when the network does not say, or nobody is known under it
	 */
	identify(didOrHandle: string): Promise<Identity>;
	clientMetadata(): ClientMetadata;
	jwks(): { keys: PublicKey[] };
	/** for every address somebody else chose */
	safeFetch: SafeFetch;
}

/** What `openOauth` stands on. `locks`: connections that are for locks only. */
export interface OauthParts extends Instruments {
	config: Config;
	log: Logger;
	db: Db;
	locks: Leases;
	secrets: Secrets;
}

const IDENTIFY_LIMIT_MS = 5_000;

/** Opens the OAuth client. Its library is loaded when it is first needed. */
export function openOauth(parts: OauthParts): Promise<Oauth> {
	const { config, log, db, locks, secrets, metrics } = parts;
	if (config.isSecure) checkClientKeys(secrets);
	const seal = createSeal(secrets.encryptionKeys);
	const sessionStore = countRenewals(createSessionStore({ db, seal, log }), metrics);
	const stateStore = createStateStore({ db, seal, log });
	const { allowInsecureNetwork } = config;
	const safeFetch = observeFetch(createSafeFetch({ allowInsecureNetwork }), parts);
	const lock = createRequestLock(locks);
	const metadata = describeClient(config);
	const jwks = publicKeys(secrets);

	let loading: Promise<GrantClient> | undefined;
	const client = () => (loading ??= load());
	const load = async () => {
		const { createGrantClient } = await import('./grant-client.ts');
		const stores = { sessionStore, stateStore };
		return createGrantClient({ config, secrets, lock, fetch: safeFetch, ...stores });
	};
	const grants = createGrants({ client, lock, sessionStore, log, metrics });
	const signIns = createSignIns({ client, stateStore, scope: config.atproto.scope, log });
	return Promise.resolve<Oauth>({
		...signIns,
		revoke: (did) => grants.revoke(did),
		hasGrant: async (did) => (await sessionStore.get(did)) !== undefined,
		async missingOf(did, scope) {
			const granted = await sessionStore.grantedScope(did);
			return granted === null ? null : missingPermissions(scope, granted);
		},
		safeFetch,
		clientMetadata: () => metadata,
		jwks: () => jwks,
		async agentFor(did) {
			await grants.check(did);
			return createPdsAgent((path, init) => grants.fetch(did, path, init));
		},
		async identify(didOrHandle) {
			try {
				const signal = AbortSignal.timeout(IDENTIFY_LIMIT_MS);
				return toIdentity(await (await client()).identityResolver.resolve(didOrHandle, { signal }));
			} catch (cause) {
				throw new PdsUnavailable(cause);
			}
		}
	});
}
