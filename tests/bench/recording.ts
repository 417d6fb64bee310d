import { createHash, randomBytes } from 'node:crypto';

const MIB = 1024 * 1024;
const HEADER_BYTES = 44;
const BLOCKS = 48;

/** Noise that no disk or line can compress; made once, and put together anew for every recording. */
const blocks = Array.from({ length: BLOCKS }, () => randomBytes(MIB));

/** A valid WAV (44.1 kHz, stereo, 16 bit) of noise that exists only while it is sent. */
export class Recording {
	readonly sizeBytes: number;
	readonly #seed: number;

	/**
	 * @param sizeBytes a multiple of four, so that the last sample is whole
	 * @param seed recordings of different seeds differ from their first second on
	 */
	constructor(sizeBytes: number, seed: number) {
		this.sizeBytes = sizeBytes;
		this.#seed = seed;
	}

	/** Its bytes from an offset on, none of them copied. */
	*chunks(start = 0, end = this.sizeBytes): Generator<Buffer> {
		let position = 0;
		for (const chunk of this.#all()) {
			const from = Math.max(start - position, 0);
			const to = Math.min(end - position, chunk.length);
			position += chunk.length;
			if (from < to) yield chunk.subarray(from, to);
			if (position >= end) return;
		}
	}

	/** First 16 hex characters of its SHA-256: the name under which it is published. */
	fileId(): string {
		const hash = createHash('sha256');
		for (const chunk of this.chunks()) hash.update(chunk);
		return hash.digest('hex').slice(0, 16);
	}

	*#all(): Generator<Buffer> {
		yield wavHeader(this.sizeBytes);
		// the seed as samples: what follows may be the same noise
		const mark = Buffer.alloc(4);
		mark.writeUInt32LE(this.#seed);
		yield mark;
		let remaining = this.sizeBytes - HEADER_BYTES - mark.length;
		for (let i = 0; remaining > 0; i++) {
			const block = blocks[(i * 7 + this.#seed) % BLOCKS] ?? Buffer.alloc(0);
			const chunk = remaining < block.length ? block.subarray(0, remaining) : block;
			remaining -= chunk.length;
			yield chunk;
		}
	}
}

function wavHeader(sizeBytes: number): Buffer {
	const header = Buffer.alloc(HEADER_BYTES);
	header.write('RIFF', 0, 'latin1');
	header.writeUInt32LE(sizeBytes - 8, 4);
	header.write('WAVEfmt ', 8, 'latin1');
	header.writeUInt32LE(16, 16);
	header.writeUInt16LE(1, 20);
	header.writeUInt16LE(2, 22);
	header.writeUInt32LE(44_100, 24);
	header.writeUInt32LE(44_100 * 4, 28);
	header.writeUInt16LE(4, 32);
	header.writeUInt16LE(16, 34);
	header.write('data', 36, 'latin1');
	header.writeUInt32LE(sizeBytes - HEADER_BYTES, 40);
	return header;
}
