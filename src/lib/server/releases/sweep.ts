import type { Context } from '#lib/server/context.ts';
import { deleteEmptyDrafts } from './queries.ts';

/** Removes what a browser began and never sent anything to. @returns how many releases */
export const sweepReleases = async ({ db }: Pick<Context, 'db'>): Promise<number> =>
	await deleteEmptyDrafts(db);
