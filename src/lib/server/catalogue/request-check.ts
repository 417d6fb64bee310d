import type { Context } from '#lib/server/context.ts';
import type { Db } from '#lib/server/db/connect.ts';
import { isCheckDue, sayGoingOn, wantCheck } from './check-queries.ts';
import { countProblems } from './problem-queries.ts';

type Requester = Pick<Context, 'db' | 'jobs'>;

/** By then whoever left a write half done has finished it, or a job has. */
export const AFTER_A_FAILED_WRITE_SECONDS = 90;

/** Asks for an artist's catalogue to be checked, now or later. One check answers all who asked before it. */
export async function requestCheck(ctx: Requester, did: string, afterSeconds = 0): Promise<void> {
	await ctx.db.transaction().execute(async (trx) => {
		await wantCheck(trx, did);
		await enqueue(ctx, trx, did, afterSeconds);
	});
}

/**
 * Goes on with repairs that wait for a sign-in, and has the catalogue checked when that is long
 * ago. To be called when somebody has signed in; calling it for nothing is harmless.
 */
export async function resumeCatalogue(ctx: Requester, did: string): Promise<void> {
	const { repairsLeft } = await countProblems(ctx.db, did);
	if (repairsLeft > 0) {
		await ctx.db.transaction().execute(async (trx) => {
			await sayGoingOn(trx, did);
			await enqueue(ctx, trx, did);
		});
	}
	if (await isCheckDue(ctx.db, did)) await requestCheck(ctx, did);
}

/** Asks for whatever is wanted about an artist's catalogue to be done. */
export async function enqueue(
	{ jobs }: Pick<Context, 'jobs'>,
	trx: Db,
	did: string,
	afterSeconds = 0
): Promise<void> {
	await jobs.enqueueCatalogue(trx, did, afterSeconds);
}
