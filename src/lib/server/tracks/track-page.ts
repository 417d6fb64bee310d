import { type DownloadOffer, downloadOffer } from '#lib/artists/download-rule.ts';
import type { Viewer } from '#lib/auth/viewer.ts';
import type { Liker } from '#lib/likes/liker.ts';
import { recordSite } from '#lib/server/atproto/records/record-site.ts';
import type { Context } from '#lib/server/context.ts';
import { KeysetPage } from '#lib/server/db/keyset.ts';
import { listLikers } from '#lib/server/likes/likers.ts';
import { withOwnLikes } from '#lib/server/likes/own-likes.ts';
import type { Track } from '#lib/tracks/track.ts';
import { wavePath } from '#lib/tracks/wave.ts';
import { presentTrack } from './present.ts';
import { findTrackWithPeaks, findNewestTracks } from './queries.ts';
import { listRevisions } from './revisions.ts';
import { recordUrl } from './track-response.ts';
import { trackFoundBy } from './tracks.ts';

/** How many other tracks of the artist are listed. */
const MORE = 5;
const LIKERS = 5;
const NOBODY: { likers: Liker[] } = { likers: [] };

/** What the page of a track shows; its artist sees more. */
export interface TrackPage {
	track: Track;
	/** what its artist says of it */
	description: string | null;
	/** where its record can be read; null while the artist's PDS is not known */
	recordUrl: string | null;
	/** its shape, as the `d` of a path; null: nothing measured it */
	wave: string | null;
	/** the artist's newest other ones */
	more: Track[];
	/** the newest of those who like it */
	likers: Liker[];
	isOwn: boolean;
	/** of the artist's own: how often its audio was replaced */
	earlierVersions: number;
	/** whether this viewer may have the original */
	download: DownloadOffer;
}

/** @throws DomainError 404, 410 `track_removed` */
export async function openTrackPage(
	ctx: Pick<Context, 'config' | 'db' | 'jobs'>,
	viewer: Viewer | null,
	id: number
): Promise<TrackPage> {
	const found = await trackFoundBy(ctx.db, id, findTrackWithPeaks);
	const isOwn = found.artist_did === viewer?.did;
	const listed = { artistDid: found.artist_did };
	const [{ likers }, newest, earlier] = await Promise.all([
		found.like_count > 0 ? listLikers(ctx, id, { limit: LIKERS }) : NOBODY,
		findNewestTracks(ctx.db, new KeysetPage(MORE), listed),
		isOwn ? listRevisions(ctx, viewer, id) : []
	]);
	const { peaks, ...plain } = found;
	const others = newest.filter((other) => other.id !== id).slice(0, MORE);
	const shown = await withOwnLikes(ctx, viewer, [plain, ...others].map(presentTrack));
	const [track = presentTrack(plain), ...more] = shown;
	const wave = peaks && wavePath(peaks);
	const address = recordUrl(recordSite(ctx.config), plain);
	const download = downloadOffer(plain.artist_downloads, plain.artist_did, viewer);
	const earlierVersions = earlier.length;
	return {
		track,
		description: plain.description,
		recordUrl: address,
		wave,
		more,
		likers,
		isOwn,
		earlierVersions,
		download
	};
}
