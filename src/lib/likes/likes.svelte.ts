import type { Track } from '#lib/tracks/track.ts';

/** What a like button shows. */
export interface LikeState {
	isLiked: boolean;
	count: number;
}

/** As much of a track as a like button needs. */
export type Likeable = Pick<Track, 'id' | 'title' | 'isLiked' | 'likeCount'>;

/** What brings a change about, and says what came of it. It comes with the first press. */
export type SettleLike = (likes: Likes, track: Likeable, before: LikeState) => Promise<void>;

/**
 * What was liked and unliked in this tab, the same in the row, the player and the page of a track. It is
 * shown before it is sent.
 */
export class Likes {
	/** of the tracks that were changed here, by id */
	#changed = $state.raw<Record<number, LikeState>>({});
	readonly #settle: SettleLike;

	constructor(settle: SettleLike) {
		this.#settle = settle;
	}

	of(track: Likeable): LikeState {
		return this.#changed[track.id] ?? { isLiked: track.isLiked, count: track.likeCount };
	}

	show(track: Likeable, state: LikeState): void {
		this.#changed = { ...this.#changed, [track.id]: state };
	}

	/** Likes or unlikes. */
	async toggle(track: Likeable): Promise<void> {
		const before = this.of(track);
		const isLiked = !before.isLiked;
		this.show(track, { isLiked, count: before.count + (isLiked ? 1 : -1) });
		await this.#settle(this, track, before);
	}
}
