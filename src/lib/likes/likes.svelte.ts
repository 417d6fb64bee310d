import type { Track } from '#lib/tracks/track.ts';

/** What a like button shows. */
export interface LikeState {
	isLiked: boolean;
	count: number;
}

type Liked = Pick<Track, 'id' | 'title' | 'isLiked' | 'likeCount'>;

/** Carries a change out. Says itself what came of it; false: it did not work. */
export type SendLike = (track: Liked, isLiked: boolean) => Promise<boolean>;

/**
 * What was liked and unliked in this tab, the same in the row, the player and the page of a track. It is
 * shown before it is sent, and taken back when that fails.
 */
export class Likes {
	/** of the tracks that were changed here, by id */
	#changed = $state.raw<Record<number, LikeState>>({});
	/** what is wanted in the end of what is on its way */
	#wanted: Record<number, boolean> = {};
	readonly #send: SendLike;

	constructor(send: SendLike) {
		this.#send = send;
	}

	of(track: Liked): LikeState {
		return this.#changed[track.id] ?? { isLiked: track.isLiked, count: track.likeCount };
	}

	/** Likes or unlikes. One change of a track is on its way at a time; of further ones the last counts. */
	async toggle(track: Liked): Promise<void> {
		const { id } = track;
		const before = this.of(track);
		const isUnderWay = id in this.#wanted;
		this.#wanted[id] = !before.isLiked;
		this.#show(id, after(before, !before.isLiked));
		if (isUnderWay) return;
		let sure = before;
		for (;;) {
			const wanted = this.#wanted[id] ?? sure.isLiked;
			if (wanted === sure.isLiked) break;
			if (!(await this.#send(track, wanted))) break;
			sure = after(sure, wanted);
		}
		Reflect.deleteProperty(this.#wanted, id);
		this.#show(id, sure);
	}

	#show(id: number, state: LikeState): void {
		this.#changed = { ...this.#changed, [id]: state };
	}
}

const after = ({ isLiked, count }: LikeState, wanted: boolean): LikeState => ({
	isLiked: wanted,
	count: Math.max(0, count + Number(wanted) - Number(isLiked))
});
