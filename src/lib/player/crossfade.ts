import type { Deck } from './deck.ts';
import type { Output } from './output.ts';

/** Often enough that no step is heard. */
const STEP_MS = 40;

/**
 * How long two tracks overlap: no longer than half of the shorter one, so that each is heard alone.
 * @param wantedSeconds as the listener set it
 * @param durations in seconds; 0: nobody knows, and then they do not overlap
 */
export function overlapSeconds(wantedSeconds: number, durations: readonly number[]): number {
	return Math.min(wantedSeconds, ...durations.map((seconds) => seconds / 2));
}

/**
 * One deck gives way to another, which is heard more and more. Their shares are together one at
 * any moment: with equal power they would be louder than one in the middle, and might clip.
 */
export class Crossfade {
	readonly #output: Output;
	readonly #former: Deck;
	readonly #next: Deck;
	readonly #ms: number;
	readonly #beganAt = performance.now();
	readonly #timer: ReturnType<typeof setInterval>;
	#isOver = false;

	constructor(output: Output, decks: { former: Deck; next: Deck }, seconds: number) {
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

	/** Goes as far as it is time to. Call it as well when the page is looked at: timers may be late. */
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

	/** Only the next one is heard from now on. */
	end(): void {
		if (this.#isOver) return;
		this.#isOver = true;
		clearInterval(this.#timer);
		this.#former.rest();
		this.#output.fade(this.#former.element, 1);
		this.#output.fade(this.#next.element, 1);
	}
}
