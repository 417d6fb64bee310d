import { createPrivateKey } from 'node:crypto';
import type { OAuthClientMetadataInput } from '@atproto/oauth-client-node';
import type { Config } from '#lib/server/config.ts';
import type { JsonWebKeyWithId, Secrets } from '#lib/server/secrets.ts';

/** What an authorization server learns about us. */
export type ClientMetadata = Readonly<OAuthClientMetadataInput>;

/** The parts of a key that everybody may know. */
export type PublicKey = Pick<JsonWebKeyWithId, 'kty' | 'crv' | 'x' | 'y' | 'kid'> & {
	alg: string;
	use: 'sig';
};

/**
 * A public client on this machine, or a confidential one (private_key_jwt) on https.
 * https://atproto.com/specs/oauth#clients, with its section on localhost clients
 */
export function describeClient(config: Config): ClientMetadata {
	const { publicUrl } = config;
	const { scope } = config.atproto;
	const redirectUri = `${publicUrl}/auth/callback` as `https://${string}`;
	const common = {
		client_name: config.appName,
		redirect_uris: [redirectUri] as [`https://${string}`],
		scope,
		grant_types: ['authorization_code', 'refresh_token'] as ['authorization_code', 'refresh_token'],
		response_types: ['code'] as ['code'],
		dpop_bound_access_tokens: true
	};
	if (!config.isSecure) {
		const query = new URLSearchParams({ redirect_uri: redirectUri, scope });
		return {
			...common,
			client_id: `http://localhost?${query}`,
			application_type: 'native',
			token_endpoint_auth_method: 'none'
		};
	}
	return {
		...common,
		client_id: `${publicUrl}/client-metadata.json`,
		client_uri: publicUrl,
		application_type: 'web',
		token_endpoint_auth_method: 'private_key_jwt',
		token_endpoint_auth_signing_alg: 'ES256',
		jwks_uri: `${publicUrl}/.well-known/jwks.json` as `https://${string}`
	};
}

/** The public halves of all our keys, so that what an older one signed is still understood. */
export function publicKeys(secrets: Secrets): { keys: PublicKey[] } {
	return {
		keys: secrets.clientKeys.map(({ kty, crv, x, y, kid }) => ({
			kty,
			crv,
			x,
			y,
			kid,
			alg: 'ES256',
			use: 'sig'
		}))
	};
}

/**
 * Refuses to start with keys that would fail at somebody's sign-in.
 * @throws Error naming the first key that is not a private P-256 key
 */
export function checkClientKeys(secrets: Secrets): void {
	if (secrets.clientKeys.length === 0) throw new Error('OAUTH_CLIENT_KEYS holds no key');
	for (const key of secrets.clientKeys) {
		try {
			createPrivateKey({ key: { ...key }, format: 'jwk' });
		} catch (cause) {
			throw new Error(`the key ${key.kid} in OAUTH_CLIENT_KEYS cannot be read`, { cause });
		}
		if (key.crv !== 'P-256') throw new Error(`the key ${key.kid} is not on the curve P-256`);
	}
}
