import type { Agent } from '@atproto/api';
import { PdsRefusal } from './oauth-errors.ts';

type Repo = Agent['com']['atproto']['repo'];

/**
 * The calls we make on a person's PDS, in the form of `Agent` in @atproto/api; the package itself
 * stays out of memory (some 40 MB) because it brings every lexicon there is.
 * Calls that are refused throw PdsRefusal; SignInAgain and PdsUnavailable pass through.
 */
export interface PdsAgent {
	did: string;
	com: {
		atproto: {
			repo: Pick<
				Repo,
				'getRecord' | 'listRecords' | 'createRecord' | 'putRecord' | 'deleteRecord' | 'applyWrites'
			>;
		};
	};
}

/** Makes one request in a person's name. @param path from `/xrpc/` on */
export type PersonFetch = (path: string, init: RequestInit) => Promise<Response>;

/** An agent whose every call asks for the grant anew: it may be kept, and never holds a token. */
export function createPdsAgent(did: string, fetchAsPerson: PersonFetch): PdsAgent {
	const query = (nsid: string) => async (params?: object, options?: CallOptions) =>
		answer(await fetchAsPerson(xrpcPath(nsid, params), { signal: options?.signal ?? null }));
	const procedure = (nsid: string) => async (input?: object, options?: CallOptions) =>
		answer(
			await fetchAsPerson(xrpcPath(nsid), {
				method: 'POST',
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify(input ?? {}),
				signal: options?.signal ?? null
			})
		);
	const repo = {
		getRecord: query('com.atproto.repo.getRecord'),
		listRecords: query('com.atproto.repo.listRecords'),
		createRecord: procedure('com.atproto.repo.createRecord'),
		putRecord: procedure('com.atproto.repo.putRecord'),
		deleteRecord: procedure('com.atproto.repo.deleteRecord'),
		applyWrites: procedure('com.atproto.repo.applyWrites')
	};
	// the shapes of the answers are those of the lexicons the methods are named after
	return { did, com: { atproto: { repo: repo as unknown as PdsAgent['com']['atproto']['repo'] } } };
}

interface CallOptions {
	signal?: AbortSignal;
}

function xrpcPath(nsid: string, params: object = {}): string {
	const query = new URLSearchParams();
	for (const [name, value] of Object.entries(params)) {
		for (const one of Array.isArray(value) ? value : [value]) {
			if (one !== undefined) query.append(name, String(one));
		}
	}
	return query.size === 0 ? `/xrpc/${nsid}` : `/xrpc/${nsid}?${query}`;
}

async function answer(response: Response) {
	const isJson = response.headers.get('content-type')?.startsWith('application/json');
	const text = await response.text();
	const body: unknown = isJson && text !== '' ? JSON.parse(text) : {};
	if (response.ok) {
		return { success: true, headers: Object.fromEntries(response.headers), data: body };
	}
	const { error, message } = body as { error?: unknown; message?: unknown };
	const name = typeof error === 'string' ? error : 'Unknown';
	throw new PdsRefusal(response.status, name, typeof message === 'string' ? message : name);
}
