import type { Viewer } from '#lib/auth/viewer.ts';
import type { Context } from '#lib/server/context.ts';
import { findLikedAmong, findLikesAmong } from './queries.ts';

type Reader = Pick<Context, 'db'>;

/** Which of some tracks the viewer likes: one query, and none for who is not signed in. */
export async function likedIds(
	{ db }: Reader,
	viewer: Pick<Viewer, 'did'> | null,
	trackIds: readonly number[]
): Promise<ReadonlySet<number>> {
	if (!viewer || trackIds.length === 0) return new Set();
	const rows = await findLikedAmong(db, viewer.did, trackIds);
	return new Set(rows.map((row) => row.track_id));
}

/** A track as pages show it, or as the API answers it. */
type Likeable = { id: number } & (
	| { isLiked: boolean; likeCount: number; likesAsOf?: number }
	| { is_liked: boolean; like_count: number }
);

/**
 * Tracks with what the viewer likes, in the form they come in: one query, and none for who is not signed
 * in. Pages are told as of when that is, as what was pressed in them may be newer.
 */
export async function withOwnLikes<T extends Likeable>(
	ctx: Reader,
	viewer: Pick<Viewer, 'did'> | null,
	tracks: T[]
): Promise<T[]> {
	if (!viewer || tracks.length === 0) return tracks;
	const ids = tracks.map(({ id }) => id);
	const rows = await findLikesAmong(ctx.db, viewer.did, ids);
	const byId = new Map(rows.map((row) => [row.id, row]));
	return tracks.map((track) => {
		const row = byId.get(track.id);
		if (!row) return track;
		const isLiked = row.is_liked ?? false;
		const { like_count: likeCount } = row;
		if (!('isLiked' in track)) return { ...track, is_liked: isLiked, like_count: likeCount };
		return { ...track, isLiked, likeCount, likesAsOf: Number(row.as_of) };
	});
}
