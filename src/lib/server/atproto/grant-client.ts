import {
	JoseKey,
	NodeOAuthClient,
	OAuthSession,
	TokenInvalidError,
	TokenRefreshError,
	TokenRevokedError,
	type NodeOAuthClientOptions,
	type OAuthServerAgent
} from '@atproto/oauth-client-node';
import type { Config } from '#lib/server/config.ts';
import type { JsonWebKeyWithId, Secrets } from '#lib/server/secrets.ts';
import { describeClient } from './client-metadata.ts';
import type { RequestLock } from './request-lock.ts';
import type { SafeFetch } from './safe-fetch.ts';

export { FetchResponseError, OAuthCallbackError } from '@atproto/oauth-client-node';

/** An answer of the PDS, and the token it was asked with. */
export interface Attempt {
	response: Response;
	accessToken: string;
}

/** A person's grant as it is now. Used for one request and dropped: a later sign-in replaces its keys. */
export class GrantSession extends OAuthSession {
	/** One request with the stored token, whatever comes of it. */
	async attempt(path: string, init: RequestInit): Promise<Attempt> {
		const tokens = await this.getTokenSet(false);
		const headers = new Headers(init.headers);
		headers.set('authorization', `${tokens.token_type} ${tokens.access_token}`);
		const response = await this.dpopFetch(new URL(path, tokens.aud), { ...init, headers });
		return { response, accessToken: tokens.access_token };
	}

	async storedAccessToken(): Promise<string> {
		return (await this.getTokenSet(false)).access_token;
	}

	/** When the stored token ends, in ms since 1970; undefined when the server did not say. */
	async endsAt(): Promise<number | undefined> {
		return (await this.getTokenInfo(false)).expiresAt?.getTime();
	}

	/** Whether the grant outlives its access token. */
	async isRenewable(): Promise<boolean> {
		return (await this.getTokenSet(false)).refresh_token !== undefined;
	}
}

/** The OAuth client, with sessions of our own kind. */
export class GrantClient extends NodeOAuthClient {
	readonly #getter: ConstructorParameters<typeof OAuthSession>[2];
	readonly #fetch: SafeFetch;

	constructor(options: NodeOAuthClientOptions & { fetch: SafeFetch }) {
		super(options);
		this.#getter = this.sessionGetter;
		this.#fetch = options.fetch;
	}

	protected override createSession(server: OAuthServerAgent, did: OAuthSession['did']) {
		return new GrantSession(server, did, this.#getter, this.#fetch);
	}

	override async restore(did: string, refresh?: boolean | 'auto'): Promise<GrantSession> {
		const session = await super.restore(did, refresh);
		if (session instanceof GrantSession) return session;
		throw new Error('the library made a session of another kind');
	}
}

/** The library says itself that the grant is gone, and has deleted it. */
export const isGrantGone = (error: unknown): boolean =>
	error instanceof TokenRefreshError ||
	error instanceof TokenRevokedError ||
	error instanceof TokenInvalidError;

/** What the client is made of. */
export interface GrantClientParts {
	config: Config;
	secrets: Secrets;
	lock: RequestLock;
	fetch: SafeFetch;
	sessionStore: NodeOAuthClientOptions['sessionStore'];
	stateStore: NodeOAuthClientOptions['stateStore'];
}

/** RFC 7517 §4.2: `use` is for public keys; a private one says what it does. */
const signingKey = ({ use: _use, ...key }: JsonWebKeyWithId) =>
	JoseKey.fromJWK({ ...key, key_ops: ['sign'] });

/** Makes the client. This module is loaded at the first sign-in or write: it weighs some 40 MB. */
export async function createGrantClient(parts: GrantClientParts): Promise<GrantClient> {
	const { config, secrets, lock, fetch, sessionStore, stateStore } = parts;
	const { handleResolverUrl, plcUrl } = config.atproto;
	const keyset = config.isSecure
		? await Promise.all(secrets.clientKeys.map(signingKey))
		: undefined;
	return new GrantClient({
		clientMetadata: describeClient(config),
		keyset,
		stateStore,
		sessionStore,
		requestLock: lock,
		fetch,
		allowHttp: config.allowInsecureNetwork,
		plcDirectoryUrl: plcUrl,
		...(handleResolverUrl === undefined ? {} : { handleResolver: handleResolverUrl })
	});
}
