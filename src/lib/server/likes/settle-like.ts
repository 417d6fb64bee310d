import type { Transaction } from 'kysely';
import { listRecords, readRecord } from '#lib/server/atproto/read-repo.ts';
import { SignInAgain } from '#lib/server/atproto/oauth-errors.ts';
import { InvalidRecord } from '#lib/server/atproto/records/invalid-record.ts';
import { index, remove } from '#lib/server/atproto/records/like.ts';
import { recordSite } from '#lib/server/atproto/records/record-site.ts';
import { deleteRecord, type RepoRecord } from '#lib/server/atproto/repo.ts';
import type { Context } from '#lib/server/context.ts';
import type { Database } from '#lib/server/db/schema.ts';
import type { LikeJob } from '#lib/server/jobs/queues.ts';
import { SETTLE_AFTER_SECONDS } from './like-track.ts';
import { findLikeRecords } from './queries.ts';
import { endWrite, findOldWrites, findWrite, type LikeWrite, lockWrite } from './write-queries.ts';

/** A request that is this young may still be at it. */
const REST_MS = (SETTLE_AFTER_SECONDS - 5) * 1000;

/**
 * Makes a repository and the index agree about somebody's like of a track, after a write that ended in
 * the middle. May be interrupted anywhere and called again.
 * @throws whatever may work another time
 */
export async function settleLike(
	ctx: Context,
	{ did, subjectUri }: LikeJob,
	signal?: AbortSignal
): Promise<void> {
	const write = await findWrite(ctx.db, { did, subject_uri: subjectUri });
	if (!write) return;
	if (write.started_at.getTime() > Date.now() - REST_MS) {
		await ctx.jobs.enqueueLike(ctx.db, { did, subjectUri }, SETTLE_AFTER_SECONDS);
		return;
	}
	const isSettled =
		write.aim === 'follow' && write.rkey !== null
			? await follow(ctx, write, write.rkey, signal)
			: await erase(ctx, write, signal);
	const action = write.aim === 'follow' ? 'like' : 'unlike';
	if (isSettled) ctx.metrics.likes.add(1, action, 'reconciled');
	const event = isSettled ? 'like_settled' : 'like_settling_waits';
	ctx.log.info(event, { did, subjectUri, aim: write.aim });
}

/** The index says what the repository says. */
async function follow(
	ctx: Context,
	write: LikeWrite,
	rkey: string,
	signal?: AbortSignal
): Promise<boolean> {
	const { did } = write;
	const site = recordSite(ctx.config);
	const address = { did, collection: site.likeCollection, rkey };
	const current = await readRecord(ctx, address, signal);
	return await whileUnchanged(ctx, write, async (trx) => {
		if (current && (await isEntered(trx, current))) return;
		const known = await findLikeRecords(trx, did, { recordUri: write.subject_uri });
		// a tombstone of what was never here would shut out a record that is still on its way
		if (known.some((row) => row.rkey === rkey)) await remove(trx, site, { did, rkey, rev: null });
	});

	async function isEntered(trx: Transaction<Database>, { cid, record }: RepoRecord) {
		try {
			await index(trx, site, { did, rkey, cid, rev: null, record });
			return true;
		} catch (cause) {
			if (cause instanceof InvalidRecord) return false;
			throw cause;
		}
	}
}

/**
 * The record, or every one of the person's for the track, goes from the repository and the index.
 * @returns false: it has to wait for a sign-in, or somebody wants something else by now
 */
async function erase(ctx: Context, write: LikeWrite, signal?: AbortSignal): Promise<boolean> {
	const { did } = write;
	const site = recordSite(ctx.config);
	if (!(await ctx.oauth.hasGrant(did))) return false;
	const erased: { rkey: string; rev: string | null }[] = [];
	try {
		for await (const rkey of keysToErase(ctx, write, signal)) {
			// what somebody has liked again since must stay
			if (!isSame(await findWrite(ctx.db, write), write)) return false;
			const address = { did, collection: site.likeCollection, rkey, why: 'unlike' };
			erased.push({ rkey, rev: await deleteRecord(ctx, address, signal) });
		}
	} catch (cause) {
		if (cause instanceof SignInAgain) return false;
		throw cause;
	}
	return await whileUnchanged(ctx, write, async (trx) => {
		const known = await findLikeRecords(trx, did, { recordUri: write.subject_uri });
		const rest = write.rkey === null ? known.map(({ rkey }) => ({ rkey, rev: null })) : [];
		for (const gone of [...erased, ...rest]) await remove(trx, site, { did, ...gone });
	});
}

async function* keysToErase(
	ctx: Context,
	{ did, rkey, subject_uri: subjectUri }: LikeWrite,
	signal?: AbortSignal
): AsyncGenerator<string, void> {
	if (rkey !== null) {
		yield rkey;
		return;
	}
	const { likeCollection: collection } = recordSite(ctx.config);
	const found: string[] = [];
	for await (const page of listRecords(ctx, { did, collection }, signal)) {
		for (const { rkey: key, record } of page) if (subjectOf(record) === subjectUri) found.push(key);
	}
	yield* found;
}

/** Of records of other programs too, whatever else they say. */
function subjectOf({ subject }: Record<string, unknown>): unknown {
	return typeof subject === 'object' && subject !== null && 'uri' in subject
		? subject.uri
		: undefined;
}

/** Does something and ends the write, unless somebody has begun another one. @returns whether it did */
async function whileUnchanged(
	ctx: Context,
	write: LikeWrite,
	act: (trx: Transaction<Database>) => Promise<void>
): Promise<boolean> {
	return await ctx.db.transaction().execute(async (trx) => {
		if (!isSame(await lockWrite(trx, write), write)) return false;
		await act(trx);
		await endWrite(trx, write);
		await ctx.jobs.enqueuePeople(trx);
		return true;
	});
}

const isSame = (now: LikeWrite | undefined, then: LikeWrite): boolean =>
	now?.aim === then.aim &&
	now.rkey === then.rkey &&
	now.started_at.getTime() === then.started_at.getTime();

/**
 * Goes on with the likes of somebody for whom we could not act. To be called when they have signed in;
 * calling it for nothing is harmless.
 */
export async function resumeLikes(ctx: Pick<Context, 'db' | 'jobs'>, did: string): Promise<void> {
	await enqueue(ctx, { did, olderThanMs: 0 });
}

/** Long enough for every job that is there to have had its turn. */
const FORGOTTEN_MS = 60 * 60 * 1000;

/** Asks again for what no job has settled: none is lost, whatever went wrong. @returns how many */
export const resumeForgottenLikes = (ctx: Pick<Context, 'db' | 'jobs'>): Promise<number> =>
	enqueue(ctx, { olderThanMs: FORGOTTEN_MS });

async function enqueue(
	ctx: Pick<Context, 'db' | 'jobs'>,
	which: Parameters<typeof findOldWrites>[1]
): Promise<number> {
	const writes = await findOldWrites(ctx.db, which);
	for (const { did, subject_uri: subjectUri } of writes) {
		await ctx.jobs.enqueueLike(ctx.db, { did, subjectUri });
	}
	return writes.length;
}
