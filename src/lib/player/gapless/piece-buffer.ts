import { type GaplessSource, NotGapless } from './gapless-source.ts';

/** What was heard stays so long, for a small jump back. */
const BEHIND_S = 30;
/** Not for every frame. */
const TRIM_STEP_S = 10;
const TIGHT_BEHIND_S = 3;
const RAW = 'audio/mpeg';

/** Where a piece belongs, in seconds of the whole timeline. */
export interface PiecePlace {
	/** added to its own timestamps; undefined: it follows the one before */
	offsetSeconds: number | undefined;
	/** what is outside is not heard: the delay and the padding of an encoder */
	startSeconds: number;
	endSeconds: number;
}

/** The one SourceBuffer of a timeline, one operation after the other. */
export class PieceBuffer {
	readonly #element: HTMLMediaElement;
	readonly #mediaSource: MediaSource;
	#buffer: SourceBuffer | null = null;
	#mimeType = '';

	constructor(element: HTMLMediaElement, mediaSource: MediaSource) {
		this.#element = element;
		this.#mediaSource = mediaSource;
	}

	/** Where what was appended last ends; 0: nothing is there. */
	get endSeconds(): number {
		const ranges = this.#buffer?.buffered;
		return ranges && ranges.length > 0 ? ranges.end(ranges.length - 1) : 0;
	}

	/** How much is there to be heard from here on. */
	get aheadSeconds(): number {
		return Math.max(0, this.endSeconds - this.#element.currentTime);
	}

	/** Whether a moment could be heard at once. */
	holds(seconds: number): boolean {
		const ranges = this.#buffer?.buffered;
		for (let i = 0; ranges && i < ranges.length; i++) {
			if (seconds >= ranges.start(i) && seconds < ranges.end(i)) return true;
		}
		return false;
	}

	/**
	 * Gets ready for the pieces of a source.
	 * @throws NotGapless when they cannot follow those of the one before
	 */
	async use(source: GaplessSource): Promise<void> {
		const { mimeType, initSegment } = source;
		if (!this.#buffer) {
			this.#buffer = this.#mediaSource.addSourceBuffer(mimeType);
		} else {
			// what the parser has of a piece goes
			if (this.#mediaSource.readyState === 'open') this.#buffer.abort();
			if (mimeType !== this.#mimeType) {
				if (!('changeType' in this.#buffer)) throw new NotGapless('no change of type');
				this.#buffer.changeType(mimeType);
			}
		}
		this.#mimeType = mimeType;
		// frames without timestamps follow each other: the browser has set that mode itself
		if (mimeType !== RAW) this.#buffer.mode = 'segments';
		if (initSegment) await this.#append(this.#buffer, initSegment, () => Promise.resolve());
	}

	/** @param room resolves when something was heard, and there may be room again */
	async add(
		bytes: Uint8Array<ArrayBuffer>,
		{ offsetSeconds, startSeconds, endSeconds }: PiecePlace,
		room: () => Promise<void>
	): Promise<void> {
		const buffer = this.#buffer;
		if (!buffer) throw new Error('no source is in use');
		if (offsetSeconds !== undefined) buffer.timestampOffset = offsetSeconds;
		// the beginning has to stay before the end at every moment
		buffer.appendWindowEnd = Infinity;
		buffer.appendWindowStart = startSeconds;
		buffer.appendWindowEnd = endSeconds;
		await this.#append(buffer, bytes, room);
	}

	/** Lets go of what was heard a while ago. */
	async trim(behindSeconds = BEHIND_S, step = TRIM_STEP_S): Promise<void> {
		const until = this.#element.currentTime - behindSeconds;
		const ranges = this.#buffer?.buffered;
		if (ranges && ranges.length > 0 && until - ranges.start(0) > step) {
			await this.remove(0, until);
		}
	}

	async remove(fromSeconds: number, untilSeconds = Infinity): Promise<void> {
		const buffer = this.#buffer;
		if (!buffer || this.#mediaSource.readyState === 'closed') return;
		const done = updated(buffer);
		buffer.remove(fromSeconds, untilSeconds);
		await done;
	}

	/** Tells where the timeline ends, as far as that is known: nobody can jump behind it. */
	setEnd(seconds: number): void {
		const { readyState, duration } = this.#mediaSource;
		if (readyState !== 'open' || this.#buffer?.updating || duration === seconds) return;
		if (!Number.isFinite(seconds) || seconds < this.endSeconds) return;
		this.#mediaSource.duration = seconds;
	}

	async #append(
		buffer: SourceBuffer,
		bytes: Uint8Array<ArrayBuffer>,
		room: () => Promise<void>
	): Promise<void> {
		for (;;) {
			try {
				const done = updated(buffer);
				buffer.appendBuffer(bytes);
				await done;
				return;
			} catch (cause) {
				if (!(cause instanceof DOMException && cause.name === 'QuotaExceededError')) throw cause;
				await this.trim(TIGHT_BEHIND_S, 0);
				await room();
			}
		}
	}
}

/** The end of the operation that begins now; it rejects when the browser refused the bytes. */
function updated(buffer: SourceBuffer): Promise<void> {
	return new Promise((resolve, reject) => {
		const end = ({ type }: Event) => {
			buffer.removeEventListener('updateend', end);
			buffer.removeEventListener('error', end);
			if (type === 'error') reject(new NotGapless('the browser refused these bytes'));
			else resolve();
		};
		buffer.addEventListener('updateend', end);
		buffer.addEventListener('error', end);
	});
}
