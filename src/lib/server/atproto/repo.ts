import type { Context } from '#lib/server/context.ts';
import { noteFact } from '#lib/server/operator/facts.ts';
import { PdsRefusal, PdsUnavailable } from './oauth-errors.ts';
import { type PdsAgent, throwAsOurs } from './pds-agent.ts';

type Writer = Pick<Context, 'db' | 'log' | 'oauth'>;

/** A record's address within the network. */
export interface RecordAddress {
	did: string;
	collection: string;
	rkey: string;
	/** why it is written, for the log */
	why?: string;
}

/** A record as its repository has it. */
export interface RepoRecord {
	uri: string;
	cid: string;
	/** revision of the repository it was written with; null when it was only read */
	rev: string | null;
	/** as JSON */
	record: Record<string, unknown>;
}

/** One call may take this long in all; the grant's refresh is counted. */
const CALL_LIMIT_MS = 20_000;

/**
 * Writes a record under a key that must be free.
 * @returns null when there is one already; it is left as it is
 * @throws SignInAgain; PdsUnavailable when trying again makes sense; PdsRefusal when it does not
 */
export async function createRecord(
	ctx: Writer,
	address: RecordAddress,
	record: Record<string, unknown>,
	signal?: AbortSignal
): Promise<RepoRecord | null> {
	return await put(ctx, address, { record, swapRecord: null }, signal);
}

/**
 * Replaces a record that nobody else has changed since it was read.
 * @param cid of the version that is replaced
 * @returns null when there is another version by now, or none; it is left as it is
 * @throws as `createRecord`
 */
export async function replaceRecord(
	ctx: Writer,
	address: RecordAddress,
	record: Record<string, unknown>,
	cid: string,
	signal?: AbortSignal
): Promise<RepoRecord | null> {
	return await put(ctx, address, { record, swapRecord: cid }, signal);
}

/** @returns null when what is there is not what was to be replaced */
async function put(
	ctx: Writer,
	{ did, collection, rkey, why }: RecordAddress,
	change: { record: Record<string, unknown>; swapRecord: string | null },
	signal: AbortSignal | undefined
): Promise<RepoRecord | null> {
	const input = { repo: did, collection, rkey, ...change };
	try {
		const data = await call(ctx, did, signal, (repo, options) => repo.putRecord(input, options));
		const written = { uri: data.uri, cid: data.cid, rev: data.commit?.rev ?? null };
		await noteFact(ctx, { event: 'record_written', fields: { ...written, did, why } });
		return { ...written, record: change.record };
	} catch (cause) {
		if (cause instanceof PdsRefusal && cause.error === 'InvalidSwap') return null;
		throw cause;
	}
}

/**
 * Reads a record.
 * @returns null when there is none
 * @throws as `createRecord`
 */
export async function getRecord(
	ctx: Writer,
	{ did, collection, rkey }: RecordAddress,
	signal?: AbortSignal
): Promise<RepoRecord | null> {
	const query = { repo: did, collection, rkey };
	try {
		const data = await call(ctx, did, signal, (repo, options) => repo.getRecord(query, options));
		return { uri: data.uri, cid: data.cid ?? '', rev: null, record: await asJson(data.value) };
	} catch (cause) {
		if (cause instanceof PdsRefusal && cause.error === 'RecordNotFound') return null;
		throw cause;
	}
}

/**
 * Deletes a record; that there is none is fine.
 * @returns the revision of the repository; null when nothing was deleted
 * @throws as `createRecord`
 */
export async function deleteRecord(
	ctx: Writer,
	{ did, collection, rkey }: RecordAddress,
	signal?: AbortSignal
): Promise<string | null> {
	const input = { repo: did, collection, rkey };
	const data = await call(ctx, did, signal, (repo, options) => repo.deleteRecord(input, options));
	if (!data.commit) return null;
	const uri = `at://${did}/${collection}/${rkey}`;
	await noteFact(ctx, { event: 'record_deleted', fields: { uri, did } });
	return data.commit.rev;
}

/** The record as it travels: blobs, links and bytes are objects of classes within the agent. */
async function asJson(value: object): Promise<Record<string, unknown>> {
	const { stringifyLex } = await import('@atproto/api');
	return JSON.parse(stringifyLex(value)) as Record<string, unknown>;
}

function limited(signal: AbortSignal | undefined): AbortSignal {
	const limit = AbortSignal.timeout(CALL_LIMIT_MS);
	return signal ? AbortSignal.any([signal, limit]) : limit;
}

type Repo = PdsAgent['com']['atproto']['repo'];

/** One call. Tells what may work later (too slow, too often, the server's own trouble) from what never will. */
async function call<T>(
	ctx: Writer,
	did: string,
	signal: AbortSignal | undefined,
	request: (repo: Repo, options: { signal: AbortSignal }) => Promise<{ data: T }>
): Promise<T> {
	try {
		const { com } = await ctx.oauth.agentFor(did);
		const { data } = await request(com.atproto.repo, { signal: limited(signal) }).catch(
			throwAsOurs
		);
		return data;
	} catch (cause) {
		signal?.throwIfAborted();
		if (cause instanceof PdsRefusal && (cause.status >= 500 || cause.status === 429)) {
			throw new PdsUnavailable(cause);
		}
		if (cause instanceof Error && cause.name === 'TimeoutError') throw new PdsUnavailable(cause);
		throw cause;
	}
}
