import type { Viewer } from '#lib/auth/viewer.ts';
import type { Context } from '#lib/server/context.ts';
import type { Track } from '#lib/tracks/track.ts';
import { listRevisions } from './revisions.ts';
import { getTrack } from './tracks.ts';

/** What the page of a track shows; its artist sees more. @throws DomainError 404, 410 `track_removed` */
export async function openTrackPage(
	ctx: Pick<Context, 'db'>,
	viewer: Viewer | null,
	id: number
): Promise<{ track: Track; isOwn: boolean; earlierVersions: number }> {
	const track = await getTrack(ctx, viewer, id);
	if (track.artist.did !== viewer?.did) return { track, isOwn: false, earlierVersions: 0 };
	const earlier = await listRevisions(ctx, viewer, id);
	return { track, isOwn: true, earlierVersions: earlier.length };
}
