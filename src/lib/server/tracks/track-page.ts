import type { Viewer } from '#lib/auth/viewer.ts';
import { recordSite } from '#lib/server/atproto/records/record-site.ts';
import type { Context } from '#lib/server/context.ts';
import type { Track } from '#lib/tracks/track.ts';
import { wavePath } from '#lib/tracks/wave.ts';
import { presentTrack } from './present.ts';
import { findPeaks } from './queries.ts';
import { listRevisions } from './revisions.ts';
import { recordUrl } from './track-response.ts';
import { listNewestTracks, trackRow } from './tracks.ts';

/** How many other tracks of the artist are listed. */
const MORE = 5;

/** What the page of a track shows; its artist sees more. */
export interface TrackPage {
	track: Track;
	/** where its record can be read; null while the artist's PDS is not known */
	recordUrl: string | null;
	/** its shape, as the `d` of a path; null: nothing measured it */
	wave: string | null;
	/** the artist's newest other ones */
	more: Track[];
	isOwn: boolean;
	/** of the artist's own: how often its audio was replaced */
	earlierVersions: number;
}

/** @throws DomainError 404, 410 `track_removed` */
export async function openTrackPage(
	ctx: Pick<Context, 'config' | 'db'>,
	viewer: Viewer | null,
	id: number
): Promise<TrackPage> {
	const row = await trackRow(ctx, id);
	const track = presentTrack(row);
	const isOwn = track.artist.did === viewer?.did;
	const [peaks, newest, earlier] = await Promise.all([
		findPeaks(ctx.db, track.fileId),
		listNewestTracks(ctx, viewer, { artistDid: track.artist.did, limit: MORE + 1 }),
		isOwn ? listRevisions(ctx, viewer, id) : []
	]);
	const more = newest.tracks.filter((other) => other.id !== track.id).slice(0, MORE);
	const wave = peaks && wavePath(peaks);
	const address = recordUrl(recordSite(ctx.config), row);
	return { track, recordUrl: address, wave, more, isOwn, earlierVersions: earlier.length };
}
