/** How many values a waveform has. */
export const PEAK_COUNT = 1800;

/** Buckets kept while the length is not known: enough that the final 1800 hold 8 or more each. */
const FINE_BUCKETS = PEAK_COUNT * 16;
const BYTES_PER_SAMPLE = 2;
/** 16-bit magnitudes reach 32768; the answer is one byte. */
const MAGNITUDE_TO_BYTE_SHIFT = 7;

/**
 * Waveform peaks of a stream of 16-bit little-endian samples whose length nobody knows beforehand.
 *
 * Peaks are kept in buckets that double in width whenever they run out, so memory is fixed and a
 * header that lies about the duration does no harm. Channels may be interleaved: a bucket holds
 * the loudest sample of any of them.
 */
export class Peaks {
	readonly #fine = new Uint16Array(FINE_BUCKETS);
	#samplesPerBucket = 1;
	#bucket = 0;
	#inBucket = 0;
	#sampleCount = 0;
	#oddByte: Buffer | null = null;

	/** Samples seen so far, over all channels. */
	get sampleCount(): number {
		return this.#sampleCount;
	}

	/** Takes the next bytes, cut anywhere. */
	push(chunk: Buffer): void {
		const bytes = this.#oddByte === null ? chunk : Buffer.concat([this.#oddByte, chunk]);
		const evenLength = bytes.length - (bytes.length % BYTES_PER_SAMPLE);
		this.#oddByte = evenLength === bytes.length ? null : Buffer.from(bytes.subarray(evenLength));
		const samples = asSamples(bytes.subarray(0, evenLength));
		let position = 0;
		while (position < samples.length) {
			if (this.#bucket === FINE_BUCKETS) this.#halve();
			const end = Math.min(samples.length, position + this.#samplesPerBucket - this.#inBucket);
			this.#fill(samples, position, end);
			position = end;
		}
	}

	/** 1800 integers 0–255, each the greatest magnitude in its part of the sound. */
	finish(): number[] {
		const filled = this.#bucket + (this.#inBucket > 0 ? 1 : 0);
		return Array.from({ length: PEAK_COUNT }, (_, index) => {
			const from = Math.floor((index * filled) / PEAK_COUNT);
			const to = Math.max(from + 1, Math.floor(((index + 1) * filled) / PEAK_COUNT));
			const loudest = this.#fine.subarray(from, to).reduce((a, b) => Math.max(a, b), 0);
			return Math.min(255, loudest >> MAGNITUDE_TO_BYTE_SHIFT);
		});
	}

	#fill(samples: Int16Array, start: number, end: number): void {
		let loudest = this.#fine[this.#bucket] ?? 0;
		for (let index = start; index < end; index += 1) {
			const magnitude = Math.abs(samples[index] ?? 0);
			if (magnitude > loudest) loudest = magnitude;
		}
		this.#fine[this.#bucket] = loudest;
		const count = end - start;
		this.#sampleCount += count;
		this.#inBucket += count;
		if (this.#inBucket < this.#samplesPerBucket) return;
		this.#bucket += 1;
		this.#inBucket = 0;
	}

	#halve(): void {
		const half = FINE_BUCKETS / 2;
		for (let index = 0; index < half; index += 1) {
			this.#fine[index] = Math.max(this.#fine[2 * index] ?? 0, this.#fine[2 * index + 1] ?? 0);
		}
		this.#fine.fill(0, half);
		this.#bucket = half;
		this.#samplesPerBucket *= 2;
	}
}

const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The samples in the bytes, as a view of them where that is possible: it is read faster. */
function asSamples(bytes: Buffer): Int16Array {
	const isUsable = IS_LITTLE_ENDIAN && bytes.byteOffset % BYTES_PER_SAMPLE === 0;
	// a copy begins at the beginning of its memory
	const own = isUsable ? bytes : new Uint8Array(bytes);
	if (!IS_LITTLE_ENDIAN) Buffer.from(own.buffer).swap16();
	return new Int16Array(own.buffer, own.byteOffset, bytes.length / BYTES_PER_SAMPLE);
}
