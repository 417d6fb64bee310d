import { type DownloadOffer, downloadOffer } from '#lib/artists/download-rule.ts';
import type { Viewer } from '#lib/auth/viewer.ts';
import type { Context } from '#lib/server/context.ts';
import type { Track } from '#lib/tracks/track.ts';
import { presentTrack } from './present.ts';
import { listRevisions } from './revisions.ts';
import { trackRow } from './tracks.ts';

/** What the page of a track shows; its artist sees more. @throws DomainError 404, 410 `track_removed` */
export async function openTrackPage(
	ctx: Pick<Context, 'db'>,
	viewer: Viewer | null,
	id: number
): Promise<{ track: Track; isOwn: boolean; earlierVersions: number; download: DownloadOffer }> {
	const row = await trackRow(ctx, id);
	const track = presentTrack(row);
	const download = downloadOffer(row.artist_downloads, row.artist_did, viewer);
	const isOwn = row.artist_did === viewer?.did;
	if (!isOwn) return { track, isOwn, earlierVersions: 0, download };
	const earlier = await listRevisions(ctx, viewer, id);
	return { track, isOwn, earlierVersions: earlier.length, download };
}
