import type { Context } from '#lib/server/context.ts';
import { z } from 'zod';
import { PdsRefusal, PdsUnavailable } from './oauth-errors.ts';
import type { RecordAddress, RepoRecord } from './repo.ts';
import { FetchFailed, UnsafeFetch } from './safe-fetch.ts';

/** Reading what a repository shows to everybody: nobody has to be signed in for it. */
type Reader = Pick<Context, 'oauth'>;

/** A record of a listing. */
export type ListedRecord = RepoRecord & { rkey: string };

/** com.atproto.repo.listRecords gives at most so many at once. */
const PAGE = 100;
const REQUEST_LIMIT_MS = 15_000;

const listing = z.object({
	cursor: z.string().optional(),
	records: z.array(
		z.object({ uri: z.string(), cid: z.string(), value: z.record(z.string(), z.unknown()) })
	)
});
const single = z.object({
	uri: z.string(),
	cid: z.string(),
	value: z.record(z.string(), z.unknown())
});
const commit = z.object({ rev: z.string() });
const refusal = z.object({ error: z.string().default(''), message: z.string().default('') });

/**
 * Every record of a collection, a page at a time, in the order of their keys.
 * @throws PdsUnavailable when trying again makes sense; PdsRefusal when the server does not show
 *   the repository
 */
export async function* listRecords(
	ctx: Reader,
	{ did, collection }: Pick<RecordAddress, 'did' | 'collection'>,
	signal?: AbortSignal
): AsyncGenerator<ListedRecord[], void> {
	let cursor: string | undefined;
	let limit = PAGE;
	do {
		let page: z.output<typeof listing>;
		try {
			const query = { repo: did, collection, limit: String(limit), reverse: 'true' };
			const answer = await ask(ctx, did, LIST, { ...query, ...(cursor ? { cursor } : {}) }, signal);
			page = parse(listing, answer);
		} catch (cause) {
			// records of other programs may be large: fewer at once
			const isTooLarge = cause instanceof PdsUnavailable && cause.cause instanceof UnsafeFetch;
			if (!isTooLarge || limit === 1) throw cause;
			limit = Math.ceil(limit / 10);
			continue;
		}
		yield page.records.map(({ uri, cid, value }) => ({
			uri,
			cid,
			rev: null,
			rkey: uri.slice(uri.lastIndexOf('/') + 1),
			record: value
		}));
		// a server that repeats itself would never end
		if (page.cursor === cursor || page.records.length === 0) return;
		cursor = page.cursor;
	} while (cursor !== undefined);
}

/** One record; null: there is none. @throws as `listRecords` */
export async function readRecord(
	ctx: Reader,
	{ did, collection, rkey }: RecordAddress,
	signal?: AbortSignal
): Promise<RepoRecord | null> {
	try {
		const answer = await ask(ctx, did, GET, { repo: did, collection, rkey }, signal);
		const { uri, cid, value } = parse(single, answer);
		return { uri, cid, rev: null, record: value };
	} catch (cause) {
		if (cause instanceof PdsRefusal && cause.error === 'RecordNotFound') return null;
		throw cause;
	}
}

/**
 * The revision a repository has: whatever is read afterwards is at least as new.
 * @returns null where the server does not tell
 * @throws PdsUnavailable
 */
export async function readRevision(
	ctx: Reader,
	did: string,
	signal?: AbortSignal
): Promise<string | null> {
	try {
		return parse(commit, await ask(ctx, did, COMMIT, { did }, signal)).rev;
	} catch (cause) {
		if (cause instanceof PdsRefusal) return null;
		throw cause;
	}
}

const LIST = 'com.atproto.repo.listRecords';
const GET = 'com.atproto.repo.getRecord';
const COMMIT = 'com.atproto.sync.getLatestCommit';

async function ask(
	ctx: Reader,
	did: string,
	method: string,
	query: Record<string, string>,
	signal?: AbortSignal
): Promise<unknown> {
	const { pdsUrl } = await ctx.oauth.identify(did);
	const url = new URL(`/xrpc/${method}`, pdsUrl);
	url.search = new URLSearchParams(query).toString();
	const limit = AbortSignal.timeout(REQUEST_LIMIT_MS);
	try {
		const response = await ctx.oauth.safeFetch(url, {
			signal: signal ? AbortSignal.any([signal, limit]) : limit
		});
		if (response.ok) return await response.json();
		throw await asRefusal(response);
	} catch (cause) {
		signal?.throwIfAborted();
		if (cause instanceof FetchFailed || cause instanceof SyntaxError) {
			throw new PdsUnavailable(cause);
		}
		throw cause;
	}
}

async function asRefusal(response: Response): Promise<Error> {
	const { status } = response;
	const { error, message } = refusal.parse(await response.json().catch(() => ({})));
	const refused = new PdsRefusal(status, error, message);
	return status >= 500 || status === 429 ? new PdsUnavailable(refused) : refused;
}

/** An answer of another form is not one of a server we can rely on: nothing is concluded from it. */
function parse<T extends z.ZodTypeAny>(shape: T, answer: unknown): z.output<T> {
	const parsed = shape.safeParse(answer);
	if (!parsed.success) throw new PdsUnavailable(parsed.error);
	return parsed.data as z.output<T>;
}
