import type { ComAtprotoRepoNS } from '@atproto/api';
import type { XrpcClient } from '@atproto/xrpc';
import { DomainError } from '#lib/server/errors.ts';
import { PdsRefusal } from './oauth-errors.ts';

/** Makes one request in a person's name. @param path from `/xrpc/` on */
export type PersonFetch = (path: string, init: RequestInit) => Promise<Response>;

/** What is done in a person's repository. */
export interface PdsAgent {
	com: { atproto: { repo: ComAtprotoRepoNS } };
}

/** Of all agents: reading it anew for each takes some ten milliseconds and a megabyte. */
let lexicons: XrpcClient['lex'] | undefined;

/**
 * An agent whose every call asks for the grant anew: it holds no token. The package is loaded at
 * the first call: it brings every lexicon there is, some 40 MB.
 */
export async function createPdsAgent(fetchAsPerson: PersonFetch): Promise<PdsAgent> {
	const { ComAtprotoRepoNS, schemas } = await import('@atproto/api');
	const { XrpcClient } = await import('@atproto/xrpc');
	const client = new XrpcClient(fetchAsPerson, lexicons ?? schemas);
	lexicons = client.lex;
	return { com: { atproto: { repo: new ComAtprotoRepoNS(client) } } };
}

/**
 * The agent wraps whatever goes wrong into its own error; here it becomes ours again.
 * @throws SignInAgain, PdsUnavailable as the grant threw them; PdsRefusal for what the PDS refused
 */
export function throwAsOurs(cause: unknown): never {
	for (let at = cause; at instanceof Error; at = at.cause) {
		if (at instanceof DomainError || at.name === 'TimeoutError') throw at;
	}
	if (isXrpcError(cause)) throw new PdsRefusal(cause.status, cause.error, cause.message);
	throw cause;
}

interface XrpcFailure extends Error {
	status: number;
	error: string;
}

/** By its fields: importing the class would load the whole package. */
const isXrpcError = (cause: unknown): cause is XrpcFailure =>
	cause instanceof Error &&
	'status' in cause &&
	typeof cause.status === 'number' &&
	'error' in cause &&
	typeof cause.error === 'string';
