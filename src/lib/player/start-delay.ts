/** A start is told of at once where enough of the audio is there. */
const AT_ONCE_MS = 2;
/** After so long the clock of an element goes evenly. */
const SETTLED_MS = 500;
/** What takes longer was no start: it was paused meanwhile, or waited. */
const LIMIT_S = 0.25;
/** Of silence that nobody pauses: some loudspeakers are heard half a second late. */
const PROBE = { settledMs: 1_500, limitS: 1 };

const RATE_HZ = 44_100;
/** Timers of a hidden page may be late by a second. */
const SILENT_SECONDS = 2;
const HEAD_BYTES = 44;
/** Of both channels: silence of one channel was told of 30 ms too early now and then. */
const SAMPLE_BYTES = 4;

/**
 * How long what begins takes to be heard, by the clocks of the elements, which go by what is heard. It
 * is learnt from each start of audio that was there already. Where data was waited for, nobody knows
 * when it began: a busy page is told late.
 */
export class StartDelay {
	/** 0: nobody knows yet */
	seconds = 0;
	#endSilence: (() => void) | undefined;

	/** @param isDirect what plays there is heard, and without an amplifier, which is late by itself */
	watch(
		element: HTMLAudioElement,
		isDirect = () => true,
		{ settledMs, limitS } = { settledMs: SETTLED_MS, limitS: LIMIT_S }
	): void {
		let start = { at: 0, positionSeconds: 0 };
		element.addEventListener('play', ({ timeStamp }) => {
			start = { at: timeStamp, positionSeconds: element.currentTime };
		});
		element.addEventListener('playing', ({ timeStamp }) => {
			if (timeStamp - start.at > AT_ONCE_MS || !isDirect()) return;
			const { at, positionSeconds } = start;
			setTimeout(() => {
				const clock = (element.currentTime - positionSeconds) / element.playbackRate;
				const seconds = (performance.now() - at) / 1000 - clock;
				if (!element.paused && seconds > 0 && seconds < limitS) this.seconds = seconds;
			}, settledMs);
		});
	}

	/**
	 * Learns it from silence, unless it is known. A browser that refuses is asked no more.
	 * @param createElement makes one that is nobody's; it is taken out of the document
	 */
	probe(createElement: () => HTMLAudioElement): void {
		if (this.seconds > 0 || this.#endSilence) return;
		const element = createElement();
		element.remove();
		const url = URL.createObjectURL(silence());
		const end = () => {
			element.removeEventListener('canplaythrough', begin);
			element.pause();
			element.removeAttribute('src');
			URL.revokeObjectURL(url);
		};
		// else the first real start tells it
		const begin = () => void element.play().catch(end);
		this.#endSilence = end;
		this.watch(element, () => true, PROBE);
		element.addEventListener('canplaythrough', begin, { once: true });
		element.addEventListener('ended', end, { once: true });
		element.src = url;
	}

	/** Ends the silence. */
	dispose(): void {
		this.#endSilence?.();
	}
}

/** A wav file of two channels, of 16 bits. */
function silence(): Blob {
	const samples = new Uint8Array(RATE_HZ * SILENT_SECONDS * SAMPLE_BYTES);
	const head = new DataView(new ArrayBuffer(HEAD_BYTES));
	const text = (at: number, letters: string) => {
		for (let i = 0; i < letters.length; i++) head.setUint8(at + i, letters.charCodeAt(i));
	};
	text(0, 'RIFF');
	head.setUint32(4, HEAD_BYTES - 8 + samples.length, true);
	text(8, 'WAVEfmt ');
	head.setUint32(16, 16, true);
	head.setUint16(20, 1, true);
	head.setUint16(22, 2, true);
	head.setUint32(24, RATE_HZ, true);
	head.setUint32(28, RATE_HZ * SAMPLE_BYTES, true);
	head.setUint16(32, SAMPLE_BYTES, true);
	head.setUint16(34, 16, true);
	text(36, 'data');
	head.setUint32(40, samples.length, true);
	return new Blob([head, samples], { type: 'audio/wav' });
}
