import type { Deck } from './deck.ts';
import type { JointWatch } from './joint-watch.ts';
import type { Output } from './output.ts';
import type { PlaybackStatus } from './playback-status.ts';
import type { StartDelay } from './start-delay.ts';

export { StartDelay } from './start-delay.ts';

/** Often enough that no step is heard. */
const STEP_MS = 40;

/** As much is there of a source that it can go on for a while. */
const HAVE_FUTURE_DATA = 3;

type DeckFacts = Pick<Deck, 'element' | 'track' | 'next' | 'durationSeconds' | 'positionSeconds'>;

/** One deck that is heard, and one with what comes next. */
interface Decks<Of = Deck> {
	former: Of;
	next: Of;
}

/** What the player knows of both. */
interface Heard {
	transition: { isGapless: boolean; crossfadeSeconds: number };
	canSetVolume: boolean;
	status: PlaybackStatus;
	output: Pick<Output, 'fade' | 'isAmplified'>;
	startDelay: Pick<StartDelay, 'seconds'> | undefined;
}

/**
 * Whether it is time to begin the next one before the end of the former.
 * @param clock waits for that where nothing is joined
 */
export function isDue(heard: Heard, decks: Decks<DeckFacts>, clock: JointWatch): boolean {
	const overlap = overlapSeconds(heard, decks);
	const left = leftSeconds(decks.former);
	if (heard.status !== 'playing' || overlap === 0 || left <= 0) return false;
	return clock.at({ untilNextSeconds: left - overlap }, 1) === 'over';
}

/** As long as its audio, before that is known what the index says. */
const lengthSeconds = ({ durationSeconds, track }: DeckFacts): number =>
	durationSeconds || (track?.durationMs ?? 0) / 1000;

/** Until its end, as fast as it goes. */
const leftSeconds = (deck: DeckFacts): number =>
	(lengthSeconds(deck) - deck.positionSeconds) / deck.element.playbackRate;

/**
 * How long two tracks overlap; 0: the next one begins at the end, also when nobody knows where that is.
 * As long as the listener set it, but no longer than half of the shorter one, so that each is heard
 * alone. Without that the next one is to be heard where the former ends. The browser tells when that was
 * heard, so it is asked before: by as long as what begins takes to be heard.
 */
export function overlapSeconds(
	{ transition, canSetVolume, output, startDelay }: Heard,
	{ former, next }: Decks<DeckFacts>
): number {
	if (!canSetVolume || former.next || next.element.readyState < HAVE_FUTURE_DATA) return 0;
	const { crossfadeSeconds, isGapless } = transition;
	const half = Math.min(lengthSeconds(former), next.durationSeconds) / 2;
	if (crossfadeSeconds > 0) return Math.min(crossfadeSeconds, half);
	// behind an amplifier its clock is ahead of what is heard
	const isDirect = [former, next].every(({ element }) => !output.isAmplified(element));
	const isExact = former.durationSeconds > 0;
	return isGapless && isDirect && isExact ? Math.min(startDelay?.seconds ?? 0, half) : 0;
}

/**
 * One deck gives way to another, which is heard more and more. Their shares are together one at
 * any moment: with equal power they would be louder than one in the middle, and might clip.
 */
export class Crossfade {
	readonly #output: Heard['output'];
	readonly #former: Deck;
	readonly #next: Deck;
	readonly #ms: number;
	readonly #beganAt = performance.now();
	readonly #timer: ReturnType<typeof setInterval>;
	/** otherwise both are heard as they are, until the former one ends by itself */
	readonly #isFaded: boolean;
	#isOver = false;

	constructor({ output, transition }: Heard, { former, next }: Decks) {
		this.#output = output;
		this.#former = former;
		this.#next = next;
		this.#ms = leftSeconds(former) * 1000;
		this.#isFaded = transition.crossfadeSeconds > 0;
		if (this.#isFaded) output.fade(next.element, 0);
		this.#timer = setInterval(() => this.step(), STEP_MS);
	}

	get isOver(): boolean {
		return this.#isOver;
	}

	/** Goes as far as it is time to. Call it as well when the page is looked at: timers may be late. */
	step(): void {
		if (this.#isOver) return;
		const share = this.#isFaded ? Math.min(1, (performance.now() - this.#beganAt) / this.#ms) : 0;
		if (share === 1 || this.#former.element.ended) {
			this.end();
			return;
		}
		if (!this.#isFaded) return;
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
