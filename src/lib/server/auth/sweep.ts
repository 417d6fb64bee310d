import type { Context } from '#lib/server/context.ts';
import { describeError } from '#lib/server/log.ts';
import { deleteExpired, findUnusedGrants } from './queries.ts';

/** So many people's servers are asked in one sweep, at most. */
const GRANTS_PER_SWEEP = 20;

/** A sign-in stores the grant a moment before its session. */
const GRANT_GRACE_MS = 60 * 60 * 1000;

/** What a sweep removed. */
export interface Swept {
	sessions: number;
	states: number;
	exchangeTokens: number;
	/** grants nothing uses any more, revoked at their PDS */
	grants: number;
}

/**
 * Removes what has ended by itself: sessions after their 14 days, sign-ins nobody came back from
 * within an hour, codes of programs, and grants nothing uses any more. For a schedule, some
 * times a day; doing it twice at once is harmless.
 */
export async function sweepSignIns(ctx: Pick<Context, 'db' | 'log' | 'oauth'>): Promise<Swept> {
	const expired = await deleteExpired(ctx.db);
	const before = new Date(Date.now() - GRANT_GRACE_MS);
	const unused = await findUnusedGrants(ctx.db, before, GRANTS_PER_SWEEP);
	let grants = 0;
	for (const did of unused) {
		try {
			await ctx.oauth.revoke(did);
			grants++;
		} catch (cause) {
			// the next sweep tries again; the others must not wait for this server
			ctx.log.warn('revocation_failed', { did, ...describeError(cause) });
		}
	}
	return { ...expired, grants };
}
