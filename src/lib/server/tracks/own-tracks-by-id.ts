import type { Viewer } from '#lib/auth/viewer.ts';
import type { Context } from '#lib/server/context.ts';
import { findTracksOf, type TrackRow } from './queries.ts';

/** Those of some tracks that are the viewer's own, the newest first. */
export async function listOwnTracksById(
	{ db }: Pick<Context, 'db'>,
	viewer: Pick<Viewer, 'did'>,
	ids: readonly number[]
): Promise<TrackRow[]> {
	return ids.length === 0 ? [] : await findTracksOf(db, viewer.did, ids);
}
