import type { Deck } from './deck.ts';

/** The end of a track that is joined to the next one is awaited by a clock from here on. */
const WATCH_S = 1.5;
/** Timers are late by some milliseconds; so long before the joint it is as quiet as both may be. */
const NEAR_S = 0.05;

/** What is watched for. */
type JoinedDeck = Pick<Deck, 'untilNextSeconds'>;

/** Watches where playback is before a joint, which no event tells of. */
export class JointWatch {
	#timer: ReturnType<typeof setTimeout> | undefined;
	readonly #look: () => void;

	/** @param look called when it is time to look at the deck again */
	constructor(look: () => void) {
		this.#look = look;
	}

	/**
	 * To be called whenever the deck was looked at.
	 * @param rate how fast it goes; 0: it does not
	 * @returns where it is: `near` is some milliseconds before the joint, `over` when it is reached
	 */
	at({ untilNextSeconds }: JoinedDeck, rate: number): 'far' | 'near' | 'over' {
		this.stop();
		if (untilNextSeconds > WATCH_S) return 'far';
		if (untilNextSeconds <= 0) return 'over';
		const isNear = untilNextSeconds <= NEAR_S;
		const waitSeconds = isNear ? untilNextSeconds : untilNextSeconds - NEAR_S;
		if (rate > 0) this.#timer = setTimeout(this.#look, (waitSeconds * 1000) / rate);
		return isNear ? 'near' : 'far';
	}

	stop(): void {
		clearTimeout(this.#timer);
	}
}
