import type { Context } from '#lib/server/context.ts';
import type { TrackRow } from '#lib/server/tracks/queries.ts';
import { trackRowsById } from '#lib/server/tracks/tracks.ts';

/** The tracks that were found, in their order; one that was taken off the lists meanwhile is left out. */
export async function publicTrackRows(
	ctx: Pick<Context, 'db'>,
	refs: readonly string[]
): Promise<TrackRow[]> {
	const rows = await trackRowsById(ctx, refs.map(Number));
	return rows.filter(({ visibility }) => visibility === 'public');
}
