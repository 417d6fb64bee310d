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
		let position = 0;
		while (position < evenLength) {
			if (this.#bucket === FINE_BUCKETS) this.#halve();
			const left = (this.#samplesPerBucket - this.#inBucket) * BYTES_PER_SAMPLE;
			const end = Math.min(evenLength, position + left);
			this.#fill(bytes, position, end);
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

	#fill(bytes: Buffer, start: number, end: number): void {
		let loudest = this.#fine[this.#bucket] ?? 0;
		for (let position = start; position < end; position += BYTES_PER_SAMPLE) {
			const magnitude = Math.abs(bytes.readInt16LE(position));
			if (magnitude > loudest) loudest = magnitude;
		}
		this.#fine[this.#bucket] = loudest;
		const count = (end - start) / BYTES_PER_SAMPLE;
		this.#sampleCount += count;
		this.#inBucket += count;
		if (this.#inBucket < this.#samplesPerBucket) return;
		this.#bucket += 1;
		this.#inBucket = 0;
	}

	#halve(): void {
		const half = FINE_BUCKETS / 2;
		for (let index = 0; index < half; index += 1) {
			const pair = this.#fine.subarray(2 * index, 2 * index + 2);
			this.#fine[index] = Math.max(pair[0] ?? 0, pair[1] ?? 0);
		}
		this.#fine.fill(0, half);
		this.#bucket = half;
		this.#samplesPerBucket *= 2;
	}
}
