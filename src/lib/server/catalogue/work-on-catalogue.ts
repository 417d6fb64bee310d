import { SignInAgain } from '#lib/server/atproto/oauth-errors.ts';
import type { Context } from '#lib/server/context.ts';
import { DomainError } from '#lib/server/errors.ts';
import { checkCatalogue } from './check-catalogue.ts';
import { findForgotten, sayGoingOn, sayTrouble, sayWaiting } from './check-queries.ts';
import { findWanted } from './problem-queries.ts';
import { repairProblem } from './repair-problem.ts';

/**
 * Does what is wanted about an artist's catalogue: the repairs, then the check. Of one artist
 * never twice at the same time. May be killed anywhere and called again.
 * @throws whatever may work another time
 */
export async function workOnCatalogue(
	ctx: Context,
	did: string,
	signal: AbortSignal
): Promise<void> {
	try {
		await repairWanted(ctx, did, signal);
		await checkCatalogue(ctx, did, signal);
	} catch (cause) {
		if (!signal.aborted) await sayTrouble(ctx.db, did, sentenceOf(cause));
		throw cause;
	}
}

/** A sign-in this long before the parking may be the very one that is waited for. */
const RECENT_MS = 30_000;

async function repairWanted(ctx: Context, did: string, signal: AbortSignal): Promise<void> {
	try {
		for (;;) {
			signal.throwIfAborted();
			const problem = await findWanted(ctx.db, did);
			if (!problem) break;
			await repairProblem(ctx, problem, signal);
		}
		await sayGoingOn(ctx.db, did);
	} catch (cause) {
		if (!(cause instanceof SignInAgain)) throw cause;
		ctx.log.info('catalogue_repairs_wait', { did, code: cause.code });
		await sayWaiting(ctx.db, did, new Date(Date.now() - RECENT_MS));
	}
}

/** The sentence of an error that was meant for people; of others nobody would be wiser. */
function sentenceOf(cause: unknown): string {
	const why = cause instanceof DomainError ? cause.message : 'something went wrong on our side';
	return `${why.replace(/[.;,] (try|please) again.*$/, '')}. it is tried again by itself`;
}

/** Artists for whom something is to be done and for which there is no job: none is forgotten. */
export const listForgottenCatalogues = ({ db }: Pick<Context, 'db'>): Promise<string[]> =>
	findForgotten(db);
