import { untrack } from 'svelte';
import type { Track } from '#lib/tracks/track.ts';

/** What a like button shows. */
export interface LikeState {
	isLiked: boolean;
	count: number;
}

/** As much of a track as a like button needs. */
export type Likeable = Pick<Track, 'id' | 'title' | 'isLiked' | 'likeCount' | 'likesAsOf'>;

/** What was so at a time, in the numbers of `Track.likesAsOf`; `Infinity`: it is on its way. */
export interface KnownLike extends LikeState {
	asOf: number;
}

/** What brings a change about, and says what came of it. It comes with the first press. */
export type SettleLike = (likes: Likes, track: Likeable, before: KnownLike) => Promise<void>;

/** Of what nobody knows the time of: anything else is newer. */
const ANY_TIME = -1;

/**
 * The likes of a tab, the same in the row, the player and the page of a track. What was pressed here is
 * shown before it is sent, and counts until a page has something newer to say: what was changed
 * elsewhere. Pages may be older than a press, as they are fetched ahead.
 */
export class Likes {
	/** the newest there is, by the id of its track: written in place, as a page has many, and then replaced */
	#newest = $state.raw<{ byId: Record<number, KnownLike> }>({ byId: {} });
	readonly #settle: SettleLike;

	constructor(settle: SettleLike) {
		this.#settle = settle;
	}

	of(track: Likeable): LikeState {
		const { isLiked, count } = this.#known(track);
		return { isLiked, count };
	}

	/** Takes what a page says, for the other places the track is shown in. */
	see(track: Likeable): void {
		const { likesAsOf: asOf } = track;
		if (asOf === undefined) return;
		untrack(() => {
			if (asOf <= (this.#newest.byId[track.id]?.asOf ?? ANY_TIME)) return;
			this.show(track, { isLiked: track.isLiked, count: track.likeCount }, asOf);
		});
	}

	show(track: Likeable, { isLiked, count }: LikeState, asOf: number): void {
		const { byId } = this.#newest;
		byId[track.id] = { isLiked, count, asOf };
		this.#newest = { byId };
	}

	/** Likes or unlikes. */
	async toggle(track: Likeable): Promise<void> {
		const before = this.#known(track);
		const isLiked = !before.isLiked;
		this.show(track, { isLiked, count: before.count + (isLiked ? 1 : -1) }, Infinity);
		await this.#settle(this, track, before);
	}

	#known({ id, isLiked, likeCount: count, likesAsOf: asOf = ANY_TIME }: Likeable): KnownLike {
		const newest = this.#newest.byId[id];
		return newest && newest.asOf > asOf ? newest : { isLiked, count, asOf };
	}
}
