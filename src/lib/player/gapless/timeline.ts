import { audioUrl, type Track } from '#lib/tracks/track.ts';
import type { GaplessSource } from './gapless-source.ts';
import { openSource } from './open-source.ts';
import { PieceBuffer } from './piece-buffer.ts';
import { RangeReader } from './ranges.ts';

/** So much is fetched ahead of what is heard. */
const AHEAD_S = 40;
/** A line that broke may come back while there is so much to hear. */
const PATIENT_AHEAD_S = 2;
const RETRY_AFTER_MS = 1_000;
/**
 * The end is only told shortly before it comes: behind it nothing can be joined any more. A tab that
 * nobody sees may miss that moment; it then waits at the end, and is told there.
 */
const CLOSE_BEFORE_END_S = 1.2;
/** A jump to a place that is about to arrive waits for it. */
const SOON_S = 3;
/** What is appended may end so much before what the file said. */
const TOLERANCE_S = 0.001;

const EVENTS = ['timeupdate', 'seeking', 'waiting', 'play', 'pause', 'loadedmetadata'] as const;

/** What a timeline tells. */
export interface TimelineEvents {
	/** it cannot go on with what is to be heard now */
	refused(): void;
	/** this one cannot be joined */
	nextRefused(track: Track): void;
	/** more is known than before */
	changed(): void;
}

/** One track on it. */
export interface Part {
	readonly track: Track;
	source: Promise<GaplessSource>;
	startSeconds: number;
	/** 0: not known yet */
	durationSeconds: number;
	/** whether anything of it was appended */
	isBegun: boolean;
	readonly reader: RangeReader;
	/** ends its reading */
	readonly stop: AbortController;
}

/** Tracks that follow each other on one audio element without a gap, by Media Source Extensions. */
export class Timeline {
	/** the one that is heard */
	current: Part;
	/** the one that is joined to it */
	next: Part | null = null;
	readonly #element: HTMLMediaElement;
	readonly #mediaSource: MediaSource;
	readonly #events: TimelineEvents;
	readonly #buffer: PieceBuffer;
	readonly #wakes = new Set<() => void>();
	readonly #life = new AbortController();
	#filling = new AbortController();
	/** one filling after the other */
	#work: Promise<void>;
	/** where the present filling began */
	#fromSeconds = 0;
	/** whether anything of it is there */
	#hasArrived = false;
	/** what could not be joined once is not tried with every look */
	readonly #refused = new Set<number>();
	/** its end was told */
	#isClosed = false;

	/**
	 * @param mediaSource of the element already, open or about to be
	 * @param head of the track, when it was asked for already
	 */
	constructor(
		element: HTMLMediaElement,
		mediaSource: MediaSource,
		track: Track,
		startAtSeconds: number,
		events: TimelineEvents,
		head: Promise<Response> | null = null
	) {
		this.#element = element;
		this.#mediaSource = mediaSource;
		this.#events = events;
		this.#buffer = new PieceBuffer(element, mediaSource);
		this.current = this.#open(track, head);
		for (const event of EVENTS) {
			element.addEventListener(event, () => this.#look(event), { signal: this.#life.signal });
		}
		this.#work = opened(mediaSource);
		this.#fill(startAtSeconds);
	}

	/** of the track that is heard, and of what is joined to it */
	get receivedBytes(): number {
		return this.current.reader.receivedBytes + (this.next?.reader.receivedBytes ?? 0);
	}

	/** Lets a track follow, or nothing. @returns whether it will; else it has to be played otherwise */
	follow(track: Track | null): boolean {
		if (this.next?.track.id === track?.id) return track !== null;
		// what was appended of it is taken away by who appends
		this.next?.stop.abort();
		this.next = null;
		this.#wake();
		if (!track || this.#isClosed || this.#refused.has(track.id)) return false;
		this.next = this.#open(track);
		this.#wake();
		return true;
	}

	/** Lets what follows be the one that is heard. @returns whether something of it is there */
	advance(): boolean {
		const { next } = this;
		if (!next?.isBegun) return false;
		this.current = next;
		this.next = null;
		return true;
	}

	dispose(): void {
		this.#life.abort();
		this.#filling.abort();
		this.current.stop.abort();
		this.next?.stop.abort();
		this.#wake();
	}

	#open(track: Track, head: Promise<Response> | null = null): Part {
		const stop = new AbortController();
		const reader = new RangeReader(audioUrl(track), head);
		const source = openSource(track, reader, stop.signal);
		// it is waited for where it is used
		source.catch(() => undefined);
		return { track, source, startSeconds: 0, durationSeconds: 0, isBegun: false, reader, stop };
	}

	#look(event: (typeof EVENTS)[number]): void {
		if (event === 'seeking') this.#seeking();
		this.#wake();
	}

	/** A jump to what is not there. */
	#seeking(): void {
		const { currentTime } = this.#element;
		// what was heard a while ago was let go, and does not come by itself
		const from = this.#hasArrived ? this.#buffer.endSeconds : this.#fromSeconds;
		const isSoon = currentTime >= from && currentTime < from + SOON_S;
		const { startSeconds, durationSeconds } = this.current;
		const end = startSeconds + durationSeconds;
		// what is appended to a timeline that was closed opens it
		if (end - currentTime > CLOSE_BEFORE_END_S) this.#isClosed = false;
		if (isSoon || this.#buffer.holds(currentTime)) return;
		// the very end is there when all is
		const isEnd = durationSeconds > 0 && currentTime >= end;
		if (isEnd && this.#buffer.endSeconds >= end - SOON_S) return;
		if (this.next) this.next.isBegun = false;
		this.#fill(Math.max(0, currentTime - startSeconds));
	}

	/** Appends the current track from a position on, and then what follows. */
	#fill(fromSeconds: number): void {
		this.#filling.abort();
		this.#filling = new AbortController();
		this.#fromSeconds = this.current.startSeconds + fromSeconds;
		this.#isClosed = this.#hasArrived = false;
		const { signal } = this.#filling;
		const before = this.#work;
		this.#work = (async () => {
			await before;
			try {
				await this.#buffer.remove(0);
				await this.#append(this.current, fromSeconds, signal);
				await this.#goOn(signal);
			} catch {
				if (!signal.aborted) this.#events.refused();
			}
		})();
	}

	async #goOn(signal: AbortSignal): Promise<never> {
		let last = this.current;
		for (;;) {
			signal.throwIfAborted();
			const { next, current } = this;
			if (last !== current && last !== next) {
				// it was joined, and is not to follow any more
				await this.#takeAway(last);
				last = current;
			} else if (next && next !== last) {
				last = await this.#join(last, next, signal);
			} else {
				if (!next) this.#closeNearEnd();
				await this.#woken();
			}
		}
	}

	/** @returns what is last now */
	async #join(last: Part, next: Part, signal: AbortSignal): Promise<Part> {
		const end = last.startSeconds + last.durationSeconds;
		const appended = this.#buffer.endSeconds;
		next.startSeconds = appended < end - TOLERANCE_S ? appended : end;
		try {
			await this.#append(next, 0, signal);
			return next;
		} catch (cause) {
			// it is heard already
			if (signal.aborted || next === this.current) throw cause;
			await this.#takeAway(next);
			if (next === this.next) {
				this.next = null;
				this.#refused.add(next.track.id);
				this.#events.nextRefused(next.track);
			}
			return last;
		}
	}

	async #takeAway(part: Part): Promise<void> {
		if (!part.isBegun) return;
		part.isBegun = false;
		await this.#buffer.remove(part.startSeconds);
		this.#buffer.setEnd(part.startSeconds);
	}

	async #append(part: Part, fromSeconds: number, filling: AbortSignal): Promise<void> {
		const signal = AbortSignal.any([filling, part.stop.signal]);
		const source = await orAborted(part.source, signal);
		const { startSeconds } = part;
		part.durationSeconds = source.durationSeconds;
		await this.#buffer.use(source);
		this.#buffer.setEnd(startSeconds + part.durationSeconds);
		this.#events.changed();
		const room = () => this.#room(signal);
		const reading = { signal, room, patience: () => this.#patience(signal) };
		for await (const piece of source.piecesFrom(fromSeconds, reading)) {
			signal.throwIfAborted();
			const { bytes, offsetSeconds, endSeconds = Infinity } = piece;
			if (Number.isFinite(endSeconds)) part.durationSeconds = endSeconds;
			part.isBegun = true;
			const place = {
				offsetSeconds: offsetSeconds === undefined ? undefined : startSeconds + offsetSeconds,
				...{ startSeconds, endSeconds: startSeconds + endSeconds }
			};
			await this.#buffer.add(bytes, place, () => this.#woken());
			this.#hasArrived = true;
			await this.#buffer.trim();
		}
		signal.throwIfAborted();
		this.#events.changed();
	}

	async #room(signal: AbortSignal): Promise<void> {
		while (this.#buffer.aheadSeconds > AHEAD_S) {
			await this.#woken();
			signal.throwIfAborted();
		}
	}

	async #patience(signal: AbortSignal): Promise<boolean> {
		const againMs = performance.now() + RETRY_AFTER_MS;
		while (performance.now() < againMs) {
			if (this.#buffer.aheadSeconds < PATIENT_AHEAD_S) return false;
			await this.#woken();
			signal.throwIfAborted();
		}
		return true;
	}

	#closeNearEnd(): void {
		const { startSeconds, durationSeconds } = this.current;
		const left = startSeconds + durationSeconds - this.#element.currentTime;
		if (left > CLOSE_BEFORE_END_S || this.#mediaSource.readyState !== 'open') return;
		this.#isClosed = true;
		this.#mediaSource.endOfStream();
	}

	#woken(): Promise<void> {
		return new Promise((resolve) => this.#wakes.add(resolve));
	}

	#wake(): void {
		for (const wake of this.#wakes) wake();
		this.#wakes.clear();
	}
}

/** A promise that is waited for no longer than until a signal. */
async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
	signal.throwIfAborted();
	const settled = new AbortController();
	const aborted = new Promise<never>((_, reject) => {
		signal.addEventListener('abort', () => reject(signal.reason as Error), settled);
	});
	try {
		return await Promise.race([promise, aborted]);
	} finally {
		settled.abort();
	}
}

async function opened(mediaSource: MediaSource): Promise<void> {
	if (mediaSource.readyState !== 'closed') return;
	await new Promise((resolve) => {
		mediaSource.addEventListener('sourceopen', resolve, { once: true });
	});
}
