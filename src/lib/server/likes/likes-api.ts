import { z } from 'zod';
import type { Viewer } from '#lib/auth/viewer.ts';
import { AS_OF_HEADER } from '#lib/likes/likes-as-of.ts';
import { recordSite } from '#lib/server/atproto/records/record-site.ts';
import type { Context } from '#lib/server/context.ts';
import type { PageRequest } from '#lib/server/db/keyset.ts';
import { trackResponse } from '#lib/server/tracks/track-response.ts';
import { trackId, type TracksResponse } from '#lib/server/tracks/tracks-api.ts';
import { trackRow } from '#lib/server/tracks/tracks.ts';
import { likeTrack } from './like-track.ts';
import { likedTrackRows } from './liked-tracks.ts';
import { listLikers } from './likers.ts';
import { likedIds } from './own-likes.ts';
import { firstOpenTransaction } from './queries.ts';
import { unlikeTrack } from './unlike-track.ts';

/** What `POST /api/tracks/{id}/like` answers. */
export interface LikedResponse {
	liked: true;
	/** of the like's record */
	atproto_uri: string;
}

/** `POST /api/tracks/{id}/like`. @throws DomainError as `likeTrack`, 422 for what is no number */
export async function answerLike(ctx: Context, viewer: Viewer, id: string): Promise<LikedResponse> {
	return { liked: true, atproto_uri: await likeTrack(ctx, viewer, trackId(id)) };
}

/** `DELETE /api/tracks/{id}/like`. @throws DomainError as `unlikeTrack`, 422 for what is no number */
export async function answerUnlike(
	ctx: Context,
	viewer: Viewer,
	id: string
): Promise<{ liked: false }> {
	await unlikeTrack(ctx, viewer, trackId(id));
	return { liked: false };
}

/**
 * What the head of an answer says of what was just written: as of when it is in what pages say, which
 * may have been fetched before.
 */
export async function asOfNow({ db }: Pick<Context, 'db'>): Promise<Record<string, string>> {
	return await firstOpenTransaction(db).then(
		(asOf) => ({ [AS_OF_HEADER]: String(asOf) }),
		// it is written all the same: what was pressed counts until the page is loaded anew
		() => ({})
	);
}

/** So many tracks can be asked about at a time. */
const BATCH_MOST = 100;

/** What `POST /api/tracks/likes/batch` takes. */
export const batchBody = z.object({
	track_ids: z.array(z.number().int().positive().safe()).max(BATCH_MOST)
});

/** `POST /api/tracks/likes/batch`: whether the viewer likes them, by their ids. */
export async function answerBatch(
	ctx: Pick<Context, 'db'>,
	viewer: Viewer,
	{ track_ids: ids }: z.output<typeof batchBody>
): Promise<Record<string, boolean>> {
	const liked = await likedIds(ctx, viewer, ids);
	return Object.fromEntries(ids.map((id) => [String(id), liked.has(id)]));
}

/** Somebody who likes a track, as the API answers it. */
export interface LikerResponse {
	did: string;
	/** null until it is known */
	handle: string | null;
	display_name: string;
	avatar_url: string | null;
	liked_at: string;
}

/** What `GET /api/tracks/{id}/likes` answers. */
export interface LikersResponse {
	users: LikerResponse[];
	/** of everybody */
	count: number;
	/** for `?cursor=`; null at the end */
	next_cursor: string | null;
}

/**
 * `GET /api/tracks/{id}/likes`: everybody who likes it, the newest first.
 * @throws DomainError 404, 410, 422 for what is no number, and for a limit or cursor that does not fit
 */
export async function answerLikers(
	ctx: Pick<Context, 'config' | 'db' | 'jobs'>,
	id: string,
	request: PageRequest
): Promise<LikersResponse> {
	const track = await trackRow(ctx, trackId(id));
	const { likers, nextCursor } = await listLikers(ctx, track.id, request);
	const users = likers.map(({ did, handle, name, avatarUrl, likedAt }) => ({
		did,
		handle,
		display_name: name,
		avatar_url: avatarUrl && ctx.config.publicUrl + avatarUrl,
		liked_at: likedAt
	}));
	return { users, count: track.like_count, next_cursor: nextCursor };
}

/**
 * `GET /api/tracks/liked`: what the viewer likes, the newest like first.
 * @throws DomainError 422 for a limit or cursor that does not fit
 */
export async function answerLiked(
	ctx: Pick<Context, 'config' | 'db'>,
	viewer: Viewer,
	request: PageRequest
): Promise<TracksResponse> {
	const site = recordSite(ctx.config);
	const { items, nextCursor } = await likedTrackRows(ctx, viewer.did, true, request);
	const tracks = items.map((row) => ({ ...trackResponse(site, row), is_liked: true }));
	return { tracks, next_cursor: nextCursor };
}
