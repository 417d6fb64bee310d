import type { Context } from '#lib/server/context.ts';
import { findDeletion } from './queries.ts';

/**
 * Goes on with records that could not be deleted. To be called when somebody has signed in.
 * @returns `under_way`: their account is to be deleted; `over`: it was, but for records; null: neither
 */
export async function resumeAccountDeletion(
	ctx: Pick<Context, 'db' | 'jobs'>,
	did: string
): Promise<'under_way' | 'over' | null> {
	const deletion = await findDeletion(ctx.db, did);
	if (!deletion) return null;
	if (deletion.begun_at !== null) await ctx.jobs.enqueueAccountDeletion(ctx.db, did);
	return deletion.finished_at === null ? 'under_way' : 'over';
}
