import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { randomUUID } from 'node:crypto';
import { isTaken, type S3Bucket } from './s3-bucket.ts';
import { segmentKey } from './s3-segments.ts';

const SEGMENT_BYTES = 8 * 1024 * 1024;

/** Another writer stored a segment at the same offset first. */
export class SegmentTaken extends Error {}

/**
 * Cuts the bytes of one append into segments. Holds two segments at most: one being filled, one
 * being sent.
 */
export class SegmentWriter {
	readonly #bucket: S3Bucket;
	readonly #id: string;
	/** where the segment being filled begins */
	#offsetBytes: number;
	#filling = emptySegment();
	#filledBytes = 0;
	#spare: Buffer | undefined;
	#sending: Promise<void> = Promise.resolve();

	constructor(bucket: S3Bucket, id: string, offsetBytes: number) {
		this.#bucket = bucket;
		this.#id = id;
		this.#offsetBytes = offsetBytes;
	}

	/** Takes a chunk; waits while two segments are full. */
	async write(chunk: Uint8Array): Promise<void> {
		let taken = 0;
		while (taken < chunk.byteLength) {
			const part = chunk.subarray(taken, taken + SEGMENT_BYTES - this.#filledBytes);
			this.#filling.set(part, this.#filledBytes);
			this.#filledBytes += part.byteLength;
			taken += part.byteLength;
			if (this.#filledBytes === SEGMENT_BYTES) await this.#send();
		}
	}

	/**
	 * Stores what is left.
	 * @returns the offset after the last stored byte
	 */
	async finish(): Promise<number> {
		if (this.#filledBytes > 0) await this.#send();
		await this.#sending;
		return this.#offsetBytes;
	}

	/** One after the other: a stored segment never has a gap before it. */
	async #send(): Promise<void> {
		await this.#sending;
		const full = this.#filling;
		const body = full.subarray(0, this.#filledBytes);
		const key = segmentKey(this.#id, this.#offsetBytes);
		this.#offsetBytes += this.#filledBytes;
		this.#filling = this.#spare ?? emptySegment();
		this.#spare = full;
		this.#filledBytes = 0;
		this.#sending = putSegment(this.#bucket, key, body);
		// a failure is thrown where the next segment or the end waits for this one
		this.#sending.catch(() => undefined);
	}
}

// memory is taken from the system page by page, as bytes arrive
const emptySegment = (): Buffer => Buffer.allocUnsafeSlow(SEGMENT_BYTES);

async function putSegment(bucket: S3Bucket, key: string, body: Buffer): Promise<void> {
	const writer = randomUUID();
	const place = { Bucket: bucket.name, Key: key };
	try {
		await bucket.writeNew((condition) =>
			bucket.call((options) =>
				bucket.client.send(
					new PutObjectCommand({ ...place, ...condition, Body: body, Metadata: { writer } }),
					options
				)
			)
		);
	} catch (cause) {
		if (!isTaken(cause)) throw cause;
		// our own first attempt may have arrived though its answer was lost
		const existing = await bucket.call((options) =>
			bucket.client.send(new HeadObjectCommand(place), options)
		);
		if (existing.Metadata?.writer !== writer) throw new SegmentTaken('taken', { cause });
	}
}
