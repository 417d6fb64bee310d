import { createCipheriv, createHash } from 'node:crypto';
import type { StoredBytes } from '../storage.ts';

const CHUNK_BYTES = 64 * 1024;

/** Bytes without a pattern, always the same for a seed: a misplaced block shows in the hash. */
export function sampleBytes(sizeBytes: number, seed = 1): Buffer {
	const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16));
	return cipher.update(Buffer.alloc(sizeBytes));
}

export function factsOf(bytes: Uint8Array): StoredBytes {
	return {
		sizeBytes: bytes.byteLength,
		sha256: createHash('sha256').update(bytes).digest('hex')
	};
}

/** Bytes as they would arrive from a network. */
export async function* arriving(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
	for (let start = 0; start < bytes.byteLength; start += CHUNK_BYTES) {
		await new Promise((resolve) => setImmediate(resolve));
		yield bytes.subarray(start, start + CHUNK_BYTES);
	}
}

export class ConnectionLost extends Error {}

/** Bytes of which only the first arrive before the connection is lost. */
export async function* breakingAt(
	bytes: Uint8Array,
	offset: number
): AsyncGenerator<Uint8Array, void> {
	yield* arriving(bytes.subarray(0, offset));
	throw new ConnectionLost('the connection was lost');
}

/**
 * Bytes after which nothing arrives any more, though the connection stays open.
 * @param onSilence called when all of the bytes have been taken
 */
export async function* stallingAfter(
	bytes: Uint8Array,
	onSilence: () => void
): AsyncGenerator<Uint8Array, void> {
	yield* arriving(bytes);
	onSilence();
	await new Promise(() => undefined);
}

export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
	const parts: Uint8Array[] = [];
	for await (const chunk of chunks) parts.push(chunk);
	return Buffer.concat(parts);
}
