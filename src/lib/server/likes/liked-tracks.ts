import type { Viewer } from '#lib/auth/viewer.ts';
import type { Context } from '#lib/server/context.ts';
import { KeysetPage, type Page, type PageRequest } from '#lib/server/db/keyset.ts';
import { signInRequired } from '#lib/server/errors.ts';
import { presentTrack } from '#lib/server/tracks/present.ts';
import type { TrackRow } from '#lib/server/tracks/queries.ts';
import { type TrackPage, trackRowsById } from '#lib/server/tracks/tracks.ts';
import { withOwnLikes } from './own-likes.ts';
import { likesOf } from './queries.ts';

type Reader = Pick<Context, 'db'>;

/**
 * What somebody likes, the newest like first. Tracks that are known by their address only are shown
 * to themselves alone.
 * @param did whose likes
 * @throws DomainError 422 for a limit or cursor that does not fit
 */
export async function listLikedTracks(
	ctx: Reader,
	viewer: Viewer | null,
	did: string,
	request: PageRequest = {}
): Promise<TrackPage> {
	const { items, nextCursor } = await likedTrackRows(ctx, did, viewer?.did === did, request);
	const tracks = await withOwnLikes(
		ctx,
		viewer,
		items.map((row) => presentTrack(row))
	);
	return { tracks, nextCursor };
}

/** What the viewer likes. @throws DomainError 401, and as `listLikedTracks` */
export async function listOwnLikes(
	ctx: Reader,
	viewer: Viewer | null,
	request: PageRequest = {}
): Promise<TrackPage> {
	if (!viewer) throw signInRequired();
	return await listLikedTracks(ctx, viewer, viewer.did, request);
}

/** The rows of a page, for those who present them otherwise. */
export async function likedTrackRows(
	ctx: Reader,
	did: string,
	isOwn: boolean,
	request: PageRequest
): Promise<Page<TrackRow>> {
	const page = KeysetPage.parse(request);
	const likes = await likesOf(ctx.db, did, page, isOwn).execute();
	const { items, nextCursor } = page.split(likes, (row) => ({
		createdAt: row.created_at,
		id: row.id
	}));
	const rows = await trackRowsById(
		ctx,
		items.map((like) => like.track_id)
	);
	return { items: rows, nextCursor };
}
