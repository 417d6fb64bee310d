import type { Deck } from './deck.ts';
import type { Output } from './output.ts';

/** Two decks that are heard at the same time: one that was, and one that is to be. */
export interface Overlap {
	readonly isOver: boolean;
	/** Goes as far as it is time to. Call it as well when the page is looked at: timers may be late. */
	step(): void;
	/** Only the next one is heard from now on. */
	end(): void;
}

/** Often enough that no step is heard. */
const STEP_MS = 40;

/** How one track follows another. */
export interface Transition {
	/** without a gap, where file and browser allow it */
	isGapless: boolean;
	/** 0: they do not give way to each other */
	crossfadeSeconds: number;
}

/**
 * What cannot be joined begins so much before the end of what is heard: for about as long a sound is on
 * its way to the loudspeaker.
 */
const HAND_OVER_S = 0.1;

/**
 * How long two tracks overlap: no longer than half of the shorter one, so that each is heard alone.
 * @param durations in seconds; 0: nobody knows, and then they do not overlap
 * @returns 0: they do not
 */
export function overlapSeconds(
	{ crossfadeSeconds, isGapless }: Transition,
	durations: readonly number[]
): number {
	const wanted = crossfadeSeconds || (isGapless ? HAND_OVER_S : 0);
	return Math.min(wanted, ...durations.map((seconds) => seconds / 2));
}

/** Two decks of which the one is heard no longer, and the other one from now on. */
interface Decks {
	former: Deck;
	next: Deck;
}

/** Begins to let one deck follow the other, both of them heard for some seconds. */
export const begin = (
	{ crossfadeSeconds }: Transition,
	output: Output,
	decks: Decks,
	seconds: number
): Overlap =>
	crossfadeSeconds > 0 ? new Crossfade(output, decks, seconds) : new HandOver(decks.former);

/**
 * One deck gives way to another, which is heard more and more. Their shares are together one at
 * any moment: with equal power they would be louder than one in the middle, and might clip.
 */
class Crossfade implements Overlap {
	readonly #output: Output;
	readonly #former: Deck;
	readonly #next: Deck;
	readonly #ms: number;
	readonly #beganAt = performance.now();
	readonly #timer: ReturnType<typeof setInterval>;
	#isOver = false;

	constructor(output: Output, decks: Decks, seconds: number) {
		this.#output = output;
		this.#former = decks.former;
		this.#next = decks.next;
		this.#ms = seconds * 1000;
		output.fade(this.#next.element, 0);
		this.#timer = setInterval(() => this.step(), STEP_MS);
	}

	get isOver(): boolean {
		return this.#isOver;
	}

	step(): void {
		if (this.#isOver) return;
		const share = Math.min(1, (performance.now() - this.#beganAt) / this.#ms);
		if (share === 1 || this.#former.element.ended) {
			this.end();
			return;
		}
		this.#output.fade(this.#former.element, 1 - share);
		this.#output.fade(this.#next.element, share);
	}

	end(): void {
		if (this.#isOver) return;
		this.#isOver = true;
		clearInterval(this.#timer);
		this.#former.rest();
		this.#output.fade(this.#former.element, 1);
		this.#output.fade(this.#next.element, 1);
	}
}

/**
 * One deck is heard to its end, while the next one, which has begun already, is on its way to the
 * loudspeaker.
 */
class HandOver implements Overlap {
	readonly #former: Deck;
	#isOver = false;

	constructor(former: Deck) {
		this.#former = former;
		former.element.addEventListener('ended', () => this.end(), { once: true });
	}

	get isOver(): boolean {
		return this.#isOver;
	}

	step(): void {
		if (this.#former.element.ended) this.end();
	}

	end(): void {
		if (this.#isOver) return;
		this.#isOver = true;
		this.#former.rest();
	}
}
