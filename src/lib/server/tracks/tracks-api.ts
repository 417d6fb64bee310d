import type { Viewer } from '#lib/auth/viewer.ts';
import { recordSite } from '#lib/server/atproto/records/record-site.ts';
import type { Context } from '#lib/server/context.ts';
import type { PageRequest } from '#lib/server/db/keyset.ts';
import { signInRequired, unprocessable } from '#lib/server/errors.ts';
import { withOwnLikes } from '#lib/server/likes/own-likes.ts';
import type { TrackRow } from './queries.ts';
import { type TrackResponse, trackResponse } from './track-response.ts';
import { pageOfTracks, type TracksRequest, trackRow, trackRowsById } from './tracks.ts';

type Reader = Pick<Context, 'db' | 'config'>;

const IDS_MAX = 100;
/** Some track ids, each small enough to be a number here and in the database. */
const IDS_PATTERN = /^[1-9]\d{0,14}(,[1-9]\d{0,14})*$/;

/** A page of tracks as the API answers it. */
export interface TracksResponse {
	tracks: TrackResponse[];
	/** for `?cursor=`; null at the end */
	next_cursor: string | null;
}

/**
 * `GET /api/tracks/`: the newest tracks, of everybody or of one artist.
 * @throws DomainError 422 for a limit or cursor that does not fit
 */
export async function answerTracks(
	ctx: Reader,
	viewer: Viewer | null,
	request: TracksRequest
): Promise<TracksResponse> {
	const site = recordSite(ctx.config);
	const { items, nextCursor } = await pageOfTracks(ctx, request);
	const tracks = items.map((row) => trackResponse(site, row));
	return { tracks: await withOwnLikes(ctx, viewer, tracks), next_cursor: nextCursor };
}

/**
 * `GET /api/tracks/?ids=`: tracks by their ids, in that order; those that are not there are left out.
 * @param ids as they stand in the address
 * @throws DomainError 422 for what is no list of at most 100 ids
 */
export async function answerTracksById(
	ctx: Reader,
	viewer: Viewer | null,
	ids: string
): Promise<Pick<TracksResponse, 'tracks'>> {
	if (!IDS_PATTERN.test(ids)) {
		throw unprocessable('ids', 'ids are numbers separated by commas, such as 3,1,2');
	}
	const list = ids.split(',').map(Number);
	if (list.length > IDS_MAX) {
		throw unprocessable('ids', `at most ${IDS_MAX} tracks can be asked for at a time`);
	}
	const site = recordSite(ctx.config);
	const rows = await trackRowsById(ctx, list);
	const tracks = rows.map((row) => trackResponse(site, row));
	return { tracks: await withOwnLikes(ctx, viewer, tracks) };
}

/**
 * `GET /api/tracks/me`: one's own tracks.
 * @throws DomainError 401
 */
export async function answerOwnTracks(
	ctx: Reader,
	viewer: Viewer | null,
	request: PageRequest
): Promise<TracksResponse> {
	if (!viewer) throw signInRequired();
	return await answerTracks(ctx, viewer, { ...request, artistDid: viewer.did, isOwn: true });
}

/**
 * `GET /api/tracks/{id}`.
 * @param id as it stands in the address
 * @throws DomainError 404, 410 `track_removed`, 422 for what is no number
 */
export async function answerTrack(
	ctx: Reader,
	viewer: Viewer | null,
	id: string
): Promise<TrackResponse> {
	return await ownTrackResponse(ctx, viewer, await trackRow(ctx, trackId(id)));
}

/** A track as the API answers it to this viewer. */
export async function ownTrackResponse(
	ctx: Reader,
	viewer: Viewer | null,
	row: TrackRow
): Promise<TrackResponse> {
	const answer = trackResponse(recordSite(ctx.config), row);
	const [shown = answer] = await withOwnLikes(ctx, viewer, [answer]);
	return shown;
}

/** The id of a track as it stands in an address. @throws DomainError 422 */
export function trackId(id: string): number {
	if (!/^\d+$/.test(id)) throw unprocessable('id', 'the id of a track is a number');
	return Number(id);
}
