import type { Viewer } from '#lib/auth/viewer.ts';
import type { Context } from '#lib/server/context.ts';
import type { PageRequest } from '#lib/server/db/keyset.ts';
import { getTrack } from '#lib/server/tracks/tracks.ts';
import type { Track } from '#lib/tracks/track.ts';
import { type LikersPage, listLikers } from './likers.ts';

/**
 * What the page of a track's likes shows.
 * @throws DomainError 404, 410 `track_removed`, 422 for a limit or cursor that does not fit
 */
export async function openLikersPage(
	ctx: Pick<Context, 'db' | 'jobs'>,
	viewer: Viewer | null,
	id: number,
	request: PageRequest
): Promise<LikersPage & { track: Track }> {
	const track = await getTrack(ctx, viewer, id);
	return { track, ...(await listLikers(ctx, track.id, request)) };
}
