import type { KnownLike, Likeable, Likes } from './likes.svelte.ts';

/**
 * Carries a change out. Says itself what came of it.
 * @returns as of when it is in what pages say, in the numbers of `Track.likesAsOf`; null: it did not work
 */
export type SendLike = (track: Likeable, isLiked: boolean) => Promise<number | null>;

/** Sends the likes of a tab: of a track one at a time, and of further presses the last counts. */
export class LikeSender {
	/** the tracks of which a change is on its way, by id */
	readonly #underWay = new Set<number>();
	readonly #send: SendLike;

	constructor(send: SendLike) {
		this.#send = send;
	}

	/**
	 * Brings about what the page shows, or shows what is sure when that fails.
	 * @param before what was sure when it was pressed
	 */
	async settle(likes: Likes, track: Likeable, before: KnownLike): Promise<void> {
		if (this.#underWay.has(track.id)) return;
		this.#underWay.add(track.id);
		let sure = before;
		for (;;) {
			const wanted = likes.of(track);
			if (wanted.isLiked === sure.isLiked) break;
			const asOf = await this.#send(track, wanted.isLiked);
			if (asOf === null) break;
			sure = { ...wanted, asOf };
		}
		this.#underWay.delete(track.id);
		likes.show(track, sure, sure.asOf);
	}
}
