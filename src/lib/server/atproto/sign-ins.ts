import { describeError, type Logger } from '#lib/server/log.ts';
import { isSameSecret } from '#lib/server/same-secret.ts';
import type { SignInProblemCode } from '#lib/auth/sign-in-sentences.ts';
import type { GrantClient } from './grant-client.ts';
import { type Identity, toIdentity } from './identity.ts';
import { FetchFailed } from './safe-fetch.ts';
import { missingPermissions } from './scope.ts';
import { type RememberedSignIn, rememberedSignIn, SignInProblem } from './sign-in-problem.ts';
import type { StateStore } from './stores.ts';

/** A sign-in that worked out. */
export interface SignedIn extends Identity {
	returnTo: string;
	program: string | undefined;
	/** when the grant ends, in ms since 1970; undefined when it renews itself */
	grantEndsAt: number | undefined;
}

export interface SignIns {
	authorize(handle: string, request: Omit<RememberedSignIn, 'handle'>): Promise<URL>;
	callback(params: URLSearchParams, binding: string | undefined): Promise<SignedIn>;
}

/** What signing in stands on. */
export interface SignInParts {
	client: () => Promise<GrantClient>;
	stateStore: StateStore;
	/** what has to be granted */
	scope: string;
	log: Logger;
}

/** Looking somebody up and asking their PDS for its sign-in page, together. */
const START_LIMIT_MS = 20_000;

export function createSignIns({ client, stateStore, scope, log }: SignInParts): SignIns {
	function problem(code: SignInProblemCode, cause?: unknown, started?: RememberedSignIn) {
		log.info('sign_in_failed', { code, ...(cause === undefined ? {} : describeError(cause)) });
		return new SignInProblem(code, { cause, started });
	}

	/** What the sign-in was started with, if this browser started it and it may still go on. */
	async function recall(state: string | null, binding: string | undefined) {
		if (state === null) throw problem('incomplete');
		const peeked = await stateStore.peek(state);
		if (peeked?.appState === undefined) throw problem('expired');
		const started = rememberedSignIn.parse(JSON.parse(peeked.appState));
		// otherwise somebody could sign you in as themselves by sending you an address
		if (!isSameSecret(binding, started.binding)) throw problem('other_browser');
		if (peeked.isExpired) throw problem('expired', undefined, started);
		return started;
	}

	async function exchange(params: URLSearchParams, started: RememberedSignIn): Promise<SignedIn> {
		const opened = await client();
		const { session } = await opened.callback(params);
		const grant = await opened.restore(session.did, false);
		const missing = missingPermissions(scope, (await grant.getTokenInfo(false)).scope);
		if (missing.length > 0) {
			await opened.revoke(session.did);
			throw problem('permission_missing', `not granted: ${missing.join(' ')}`, started);
		}
		const identity = toIdentity(await opened.identityResolver.resolve(session.did));
		const grantEndsAt = (await grant.isRenewable()) ? undefined : await grant.endsAt();
		return { ...identity, returnTo: started.returnTo, program: started.program, grantEndsAt };
	}

	return {
		async authorize(handle, request) {
			const opened = await client();
			const signal = AbortSignal.timeout(START_LIMIT_MS);
			const started: RememberedSignIn = { ...request, handle };
			const find = opened.identityResolver.resolve(handle, { signal });
			const { did } = await find.catch((cause: unknown) => {
				const code = isNetworkTrouble(cause) ? 'network_unreachable' : 'handle_unknown';
				throw problem(code, cause, started);
			});
			try {
				return await opened.authorize(did, { state: JSON.stringify(started), signal });
			} catch (cause) {
				throw problem(isNetworkTrouble(cause) ? 'pds_unreachable' : 'refused', cause, started);
			}
		},
		async callback(params, binding) {
			const started = await recall(params.get('state'), binding);
			try {
				return await exchange(params, started);
			} catch (cause) {
				if (cause instanceof SignInProblem) throw cause;
				throw problem(reasonOf(cause, params), cause, started);
			}
		}
	};
}

function reasonOf(cause: unknown, params: URLSearchParams): SignInProblemCode {
	// RFC 6749 §4.1.2.1
	if (params.get('error') === 'access_denied') return 'denied';
	if (params.has('error')) return 'refused';
	if (!params.has('code')) return 'incomplete';
	// a second callback with the same state came in between
	if (cause instanceof Error && 'state' in cause && cause.state === undefined) return 'expired';
	return isNetworkTrouble(cause) ? 'pds_unreachable' : 'refused';
}

/** Whether somebody did not answer, or answered that they are in trouble themselves. */
function isNetworkTrouble(error: unknown): boolean {
	for (let at = error; at instanceof Error; at = at.cause) {
		if (at instanceof FetchFailed || at.name === 'TimeoutError' || at.name === 'AbortError') {
			return true;
		}
		const status = 'statusCode' in at ? at.statusCode : 'status' in at ? at.status : undefined;
		if (typeof status === 'number' && status >= 500) return true;
	}
	return false;
}
