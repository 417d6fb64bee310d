import type { Viewer } from '#lib/auth/viewer.ts';
import type { Context } from '#lib/server/context.ts';
import { findLikedAmong } from './queries.ts';

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
type Likeable = { id: number } & ({ isLiked: boolean } | { is_liked: boolean });

/** Tracks with what the viewer likes, in the form they come in. */
export async function withOwnLikes<T extends Likeable>(
	ctx: Reader,
	viewer: Pick<Viewer, 'did'> | null,
	tracks: T[]
): Promise<T[]> {
	const liked = await likedIds(
		ctx,
		viewer,
		tracks.map(({ id }) => id)
	);
	return tracks.map((track) => {
		const isLiked = liked.has(track.id);
		return { ...track, ...('isLiked' in track ? { isLiked } : { is_liked: isLiked }) };
	});
}
