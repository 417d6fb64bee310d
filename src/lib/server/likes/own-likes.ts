import type { Viewer } from '#lib/auth/viewer.ts';
import type { Context } from '#lib/server/context.ts';
import { likedAmong } from './queries.ts';

type Reader = Pick<Context, 'db'>;

/** Which of some tracks the viewer likes: one query, and none for who is not signed in. */
export async function likedIds(
	{ db }: Reader,
	viewer: Pick<Viewer, 'did'> | null,
	trackIds: readonly number[]
): Promise<ReadonlySet<number>> {
	if (!viewer || trackIds.length === 0) return new Set();
	const rows = await likedAmong(db, viewer.did, trackIds).execute();
	return new Set(rows.map((row) => row.track_id));
}

/** Tracks as pages show them, with what the viewer likes. */
export async function withOwnLikes<T extends { id: number; isLiked: boolean }>(
	ctx: Reader,
	viewer: Pick<Viewer, 'did'> | null,
	tracks: T[]
): Promise<T[]> {
	const liked = await likedIds(
		ctx,
		viewer,
		tracks.map(({ id }) => id)
	);
	return tracks.map((track) => ({ ...track, isLiked: liked.has(track.id) }));
}

/** The same of tracks as the API answers them. */
export async function withOwnLikesInJson<T extends { id: number; is_liked: boolean }>(
	ctx: Reader,
	viewer: Pick<Viewer, 'did'> | null,
	tracks: T[]
): Promise<T[]> {
	const liked = await likedIds(
		ctx,
		viewer,
		tracks.map(({ id }) => id)
	);
	return tracks.map((track) => ({ ...track, is_liked: liked.has(track.id) }));
}
