import { setTimeout as sleep } from 'node:timers/promises';
import type { Transaction } from 'kysely';
import type { Context } from '#lib/server/context.ts';
import type { Database } from '#lib/server/db/schema.ts';
import type { SmallerFileJob } from '#lib/server/jobs/queues.ts';
import { describeError } from '#lib/server/log.ts';
import { deleteReleased, keepReleased, releaseAudio } from '#lib/server/storage/release.ts';
import { lockContents } from '#lib/server/storage/released-keys.ts';
import { isStoredWhole } from '#lib/server/storage/stored-whole.ts';
import { findAudioFile } from '#lib/server/uploads/audio-files.ts';
import { keepMade, type MadeAudio, makeAudio, storeMade } from './make-audio.ts';
import {
	areUploadsInWork,
	beginAttempt,
	findLargeFile,
	findSmaller,
	type LargeFile,
	nameSmaller,
	takeBackAttempt
} from './smaller-queries.ts';

/** Uploads come first for so long. */
const PATIENCE_MS = 60 * 60 * 1000;
const LOOK_MS = 2_000;
/** How long to wait after each attempt that failed; behind the last one there is no other. */
const PAUSES_SECONDS = [60, 5 * 60, 30 * 60, 2 * 60 * 60];
const REPLACED = { who: 'the smaller file', why: 'another one took its place' };
const TOO_LATE = { who: 'the smaller file', why: 'what it was made of was removed meanwhile' };

/** Why nothing is kept of what was made. */
class NotSmaller extends Error {
	constructor() {
		super('it would not be smaller');
		this.name = 'NotSmaller';
	}
}

/**
 * Makes the smaller file of one that is streamed, when there is none, or it is lost. Waits while
 * uploads are worked on. May be killed anywhere, and called again.
 * @throws what has nothing to do with the file, and when `signal` aborts
 */
export async function makeSmallerFile(
	ctx: Context,
	job: SmallerFileJob,
	signal: AbortSignal
): Promise<void> {
	const { fileId } = job;
	for (;;) {
		while (await givesWay(ctx, job)) await sleep(LOOK_MS, undefined, { signal });
		const large = await findLargeFile(ctx.db, fileId);
		if (!large || (await isMade(ctx, large))) return;
		const attempts = await beginAttempt(ctx.db, fileId);
		try {
			if (await makeInQuiet(ctx, job, large, signal)) return;
			await takeBackAttempt(ctx.db, fileId);
		} catch (cause) {
			if (signal.aborted) {
				await takeBackAttempt(ctx.db, fileId);
				throw cause;
			}
			await tryAgainLater(ctx, fileId, attempts, cause);
			return;
		}
	}
}

const isMade = async ({ storage }: Context, { smallerKey, smallerSizeBytes }: LargeFile) =>
	smallerKey !== null &&
	smallerSizeBytes !== null &&
	(await isStoredWhole(storage, { storage_key: smallerKey, size_bytes: smallerSizeBytes }));

const givesWay = async ({ db }: Context, { since }: SmallerFileJob) =>
	Date.now() - Date.parse(since) < PATIENCE_MS && (await areUploadsInWork(db));

/** @returns false: it was broken off, as an upload came */
async function makeInQuiet(
	ctx: Context,
	job: SmallerFileJob,
	large: LargeFile,
	signal: AbortSignal
): Promise<boolean> {
	const interrupted = new AbortController();
	const look = async () => {
		if (await givesWay(ctx, job)) interrupted.abort(new Error('uploads come first'));
	};
	// what cannot be asked now is asked again
	const timer = setInterval(() => void look().catch(() => undefined), LOOK_MS);
	try {
		const stop = AbortSignal.any([signal, interrupted.signal]);
		const wanted = { target: 'mp3-128', stagingId: `smaller-${large.fileId}` } as const;
		await makeAudio(ctx, large, wanted, stop, (made) => keep(ctx, large, made, stop));
		return true;
	} catch (cause) {
		if (interrupted.signal.aborted && !signal.aborted) return false;
		throw cause;
	} finally {
		clearInterval(timer);
	}
}

/** The object first, then the rows together. */
async function keep(
	ctx: Context,
	large: LargeFile,
	made: MadeAudio,
	signal: AbortSignal
): Promise<void> {
	if (made.sizeBytes >= large.sizeBytes) throw new NotSmaller();
	const key = await storeMade(ctx, made, signal);
	signal.throwIfAborted();
	const { isKept, keys } = await ctx.db
		.transaction()
		.execute((trx) => keepRows(trx, large.fileId, made, key));
	await deleteReleased(ctx, keys);
	const { fileId: smallerId, sizeBytes } = made;
	if (isKept) ctx.log.info('smaller_file_made', { fileId: large.fileId, smallerId, sizeBytes });
}

/** @returns keys whose objects are to be deleted after the transaction */
async function keepRows(
	trx: Transaction<Database>,
	fileId: string,
	made: MadeAudio,
	key: string
): Promise<{ isKept: boolean; keys: string[] }> {
	await lockContents(trx, [fileId, made.fileId]);
	const known = await findSmaller(trx, fileId);
	if (!known) {
		const isUsed = await findAudioFile(trx, made.fileId);
		return { isKept: false, keys: isUsed ? [] : await keepReleased(trx, [key], TOO_LATE) };
	}
	await keepMade(trx, made, key);
	await nameSmaller(trx, fileId, made.fileId);
	const former = known.file_id;
	const isOther = former !== null && former !== made.fileId;
	return { isKept: true, keys: isOther ? await releaseAudio(trx, former, REPLACED) : [] };
}

/** A limited number of times; the track plays in full all the same. */
async function tryAgainLater(
	ctx: Context,
	fileId: string,
	attempts: number,
	cause: unknown
): Promise<void> {
	const pauseSeconds = PAUSES_SECONDS[attempts - 1];
	const about = { fileId, attempts, ...describeError(cause) };
	if (pauseSeconds === undefined) {
		ctx.log.error('smaller_file_given_up', about);
		return;
	}
	ctx.log.warn('smaller_file_tried_again_later', about);
	await ctx.jobs.enqueueSmallerFile(ctx.db, fileId, pauseSeconds);
}
