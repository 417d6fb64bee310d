import type { Viewer } from '#lib/auth/viewer.ts';
import type { Liker } from '#lib/likes/liker.ts';
import type { Context } from '#lib/server/context.ts';
import { listLikers } from '#lib/server/likes/likers.ts';
import type { Track } from '#lib/tracks/track.ts';
import { listRevisions } from './revisions.ts';
import { getTrack } from './tracks.ts';

/** What the page of a track shows. */
export interface TrackPageShown {
	track: Track;
	/** the newest of them */
	likers: Liker[];
	isOwn: boolean;
	earlierVersions: number;
}

const LIKERS_SHOWN = 5;

/** What the page of a track shows; its artist sees more. @throws DomainError 404, 410 `track_removed` */
export async function openTrackPage(
	ctx: Pick<Context, 'db' | 'jobs'>,
	viewer: Viewer | null,
	id: number
): Promise<TrackPageShown> {
	const track = await getTrack(ctx, viewer, id);
	const isLikedAtAll = track.likeCount > 0;
	const { likers } = isLikedAtAll
		? await listLikers(ctx, id, { limit: LIKERS_SHOWN })
		: { likers: [] };
	if (track.artist.did !== viewer?.did) return { track, likers, isOwn: false, earlierVersions: 0 };
	const earlier = await listRevisions(ctx, viewer, id);
	return { track, likers, isOwn: true, earlierVersions: earlier.length };
}
