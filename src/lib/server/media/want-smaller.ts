import type { Context } from '#lib/server/context.ts';
import type { Db } from '#lib/server/db/connect.ts';
import { findLackingOf, listLacking } from './smaller-queries.ts';

/** So many wait at most of those that nobody has just published. */
const WAITING_AT_MOST = 20;

/**
 * Has the smaller file of what a track streams made, when it is worth it and there is none. To be
 * called in the transaction that says what the track streams.
 */
export async function wantSmallerOf(
	{ jobs }: Pick<Context, 'jobs'>,
	trx: Db,
	trackId: number
): Promise<void> {
	const fileId = await findLackingOf(trx, trackId);
	if (fileId !== undefined) await jobs.enqueueSmallerFile(trx, fileId);
}

/**
 * Has those made that lack, a few at a time: of tracks from before there were any, and of what
 * entered the index by another way.
 * @returns how many
 */
export async function wantLacking({
	db,
	jobs,
	transcoder
}: Pick<Context, 'db' | 'jobs' | 'transcoder'>): Promise<number> {
	const room = WAITING_AT_MOST - (await jobs.countSmallerFiles(db));
	if (room <= 0 || !(await transcoder.capabilities()).ffmpeg) return 0;
	const lacking = await listLacking(db, (id) => jobs.isSmallerFileAskedFor(id), room);
	for (const fileId of lacking) await jobs.enqueueSmallerFile(db, fileId);
	return lacking.length;
}
