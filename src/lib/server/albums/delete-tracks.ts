import type { Context } from '#lib/server/context.ts';

/** Deletes an artist's tracks, as their own page would: one job each takes record, row and files. */
export async function deleteTracksOf(
	ctx: Context,
	did: string,
	trackIds: readonly number[]
): Promise<void> {
	if (trackIds.length === 0) return;
	await ctx.db
		.updateTable('tracks')
		.set({ visibility: 'deleting' })
		.where('artist_did', '=', did)
		.where('id', 'in', trackIds)
		.execute();
}
