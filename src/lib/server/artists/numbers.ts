import type { ArtistNumbers, TopTrack } from '#lib/artists/artist-profile.ts';
import { isDid } from '#lib/auth/handle.ts';
import type { Context } from '#lib/server/context.ts';
import { findNumbers } from './number-queries.ts';

type Reader = Pick<Context, 'db'>;

/** The numbers of an artist as the API answers them (snake_case: a public contract). */
export interface AnalyticsResponse {
	total_plays: number;
	total_items: number;
	top_item: TopItem | null;
	/** `play_count` is how many like it */
	top_liked: TopItem | null;
}

interface TopItem {
	id: number;
	title: string;
	play_count: number;
}

/** The numbers of an artist; zeros for who has published nothing. */
export async function getArtistNumbers({ db }: Reader, did: string): Promise<ArtistNumbers> {
	const row = await findNumbers(db, did);
	return {
		trackCount: row.track_count,
		playCount: row.play_count,
		mostPlayed: row.most_played,
		mostLiked: row.most_liked
	};
}

/** `GET /api/artists/{did}/analytics`: zeros for anybody who is no artist. */
export async function answerAnalytics(ctx: Reader, did: string): Promise<AnalyticsResponse> {
	// what is no did has published nothing, and is not asked for in the database
	const numbers = isDid(did) ? await getArtistNumbers(ctx, did) : NOTHING;
	return {
		total_plays: numbers.playCount,
		total_items: numbers.trackCount,
		top_item: topItem(numbers.mostPlayed),
		top_liked: topItem(numbers.mostLiked)
	};
}

const NOTHING: ArtistNumbers = { trackCount: 0, playCount: 0, mostPlayed: null, mostLiked: null };

const topItem = (top: TopTrack | null): TopItem | null =>
	top && { id: top.id, title: top.title, play_count: top.count };
