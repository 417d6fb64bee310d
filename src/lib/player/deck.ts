import { loadOnce } from '#lib/load-once.ts';
import { audioUrl, type Track } from '#lib/tracks/track.ts';
import { askRange, firstBytes } from './gapless/ask-range.ts';
import { type PlaybackStatus, playbackStatus } from './playback-status.ts';
import type { Timeline } from './gapless/timeline.ts';

const HAVE_METADATA = 1;
const FULL_SCALE_DBTP = 0;

/** Whether tracks can be joined without a gap here. */
export const canJoin = (): boolean => 'MediaSource' in globalThis;

/** A timeline has integers, which are cut off where a file of floats is played whole at less than full volume. */
const isOverFullScale = ({ codec, loudness }: Track): boolean =>
	codec?.startsWith('pcm_f') === true && (loudness?.truePeakDbtp ?? Infinity) > FULL_SCALE_DBTP;

/** What joins tracks: nobody needs that before something is played. */
export const loadTimeline = loadOnce(() => import('./gapless/timeline.ts'));

/** What a deck tells. */
export interface DeckEvents {
	changed(): void;
	/** what was to follow here cannot: it has to begin on the other deck */
	nextRefused(track: Track): void;
}

/**
 * One audio element and what it was given: a file, or a timeline on which tracks follow each other
 * without a gap. Positions are those within the track that is heard.
 */
export class Deck {
	track: Track | null = null;
	readonly element: HTMLAudioElement;
	readonly #events: DeckEvents;
	#timeline: Timeline | null = null;
	/** of what is being loaded on to a timeline */
	#mediaSource: MediaSource | null = null;
	/** ends what it has asked for */
	#asking = new AbortController();
	/** somebody wants to hear it: an error pauses the element all the same */
	#isWanted = false;
	/** what is to follow, while the timeline is being loaded */
	#following: Track | null = null;
	/** where this source is to begin; kept until its metadata is there */
	#startAtSeconds: number | undefined;
	/** how often the element said that more of a file is there */
	#progresses = 0;

	constructor(element: HTMLAudioElement, events: DeckEvents) {
		this.element = element;
		this.#events = events;
		element.addEventListener('progress', () => (this.#progresses += this.#mediaSource ? 0 : 1));
		element.addEventListener('play', () => (this.#isWanted = true));
		element.addEventListener('pause', () => (this.#isWanted &&= element.error !== null));
	}

	get status(): PlaybackStatus {
		return playbackStatus(this.element);
	}

	/** 0: not known yet */
	get durationSeconds(): number {
		if (this.#mediaSource) return this.#timeline?.current.durationSeconds ?? 0;
		const { duration } = this.element;
		return Number.isFinite(duration) && duration > 0 ? duration : 0;
	}

	get positionSeconds(): number {
		if (this.#startAtSeconds !== undefined) return this.#startAtSeconds;
		const position = this.element.currentTime - this.#offsetSeconds;
		// the timeline goes on where the track ends
		return this.#mediaSource ? clamp(position, this.durationSeconds || Infinity) : position;
	}

	/** Another number whenever more has arrived. */
	get arrived(): number {
		return this.#progresses + (this.#timeline?.receivedBytes ?? 0);
	}

	/** What is joined to the track that is heard. */
	get next(): Track | null {
		return this.#timeline?.next?.track ?? null;
	}

	/** How long until what is joined begins, of the audio; Infinity: nothing is. */
	get untilNextSeconds(): number {
		const next = this.#timeline?.next;
		return next?.isBegun ? next.startSeconds - this.element.currentTime : Infinity;
	}

	get #offsetSeconds(): number {
		return this.#timeline?.current.startSeconds ?? 0;
	}

	/** Gives it another source; a failed one as well. */
	load(track: Track, startAtSeconds: number, isJoined: boolean): void {
		this.#letGo();
		this.track = track;
		this.#startAtSeconds = startAtSeconds > 0 ? startAtSeconds : undefined;
		if (!isJoined || isOverFullScale(track)) {
			this.element.src = audioUrl(track);
			return;
		}
		const mediaSource = (this.#mediaSource = new MediaSource());
		const url = URL.createObjectURL(mediaSource);
		mediaSource.addEventListener('sourceopen', () => URL.revokeObjectURL(url), { once: true });
		// at once, as a gesture lasts no longer; what fills it comes when it is needed first
		this.element.src = url;
		void this.#fill(mediaSource, track, startAtSeconds);
	}

	/** Lets a track follow without a gap, or nothing. @returns whether it will */
	follow(track: Track | null): boolean {
		if (this.#timeline) return this.#timeline.follow(track);
		this.#following = track;
		return track !== null && this.#mediaSource !== null;
	}

	/** Goes on with what is joined, also before the present track is over. @returns whether it is this */
	goOnWith(track: Track): boolean {
		const timeline = this.#timeline;
		const { untilNextSeconds } = this;
		if (timeline?.next?.track.id !== track.id || !timeline.advance()) return false;
		if (untilNextSeconds > 0) this.element.currentTime = timeline.current.startSeconds;
		this.track = track;
		return true;
	}

	/** Jumps to a position; one asked for too early is kept until the source can take it. */
	seekTo(seconds: number): void {
		this.#startAtSeconds = seconds;
		this.settle();
	}

	/** Goes where it was to begin, when that can be done. */
	settle(): void {
		if (this.#startAtSeconds === undefined || this.element.readyState < HAVE_METADATA) return;
		this.element.currentTime = this.#offsetSeconds + this.#startAtSeconds;
		this.#startAtSeconds = undefined;
	}

	/** Plays the track as a file, from where it is. @returns false when it is one already */
	playPlainly(): boolean {
		const { track, element } = this;
		if (!this.#mediaSource || !track) return false;
		const isWanted = !element.paused || this.#isWanted;
		this.load(track, this.positionSeconds, false);
		if (isWanted) element.play().catch(() => undefined);
		return true;
	}

	/** Is silent, and has nothing for anybody. */
	rest(): void {
		this.element.pause();
		this.#isWanted = false;
		this.#letGo();
		this.track = null;
	}

	dispose(): void {
		this.rest();
		this.element.remove();
	}

	async #fill(mediaSource: MediaSource, track: Track, startAtSeconds: number): Promise<void> {
		const isOver = () => this.#mediaSource !== mediaSource;
		const refused = () => {
			if (isOver()) return;
			this.playPlainly();
			this.#events.changed();
		};
		// it is on its way while the script is
		const head = askRange(audioUrl(track), 0, firstBytes(track.fileType), this.#asking.signal);
		head.catch(() => undefined);
		try {
			const { Timeline } = await loadTimeline();
			if (isOver()) return;
			const startAt = this.#startAtSeconds ?? startAtSeconds;
			this.#timeline = new Timeline(
				this.element,
				mediaSource,
				track,
				startAt,
				{
					...{ refused, changed: () => this.#events.changed() },
					nextRefused: (next) => this.#events.nextRefused(next)
				},
				head
			);
			this.#timeline.follow(this.#following);
		} catch {
			refused();
		}
	}

	#letGo(): void {
		this.#asking.abort();
		this.#asking = new AbortController();
		this.#timeline?.dispose();
		this.#timeline = this.#mediaSource = this.#following = null;
	}
}

const clamp = (value: number, end: number): number => Math.min(Math.max(0, value), end);
