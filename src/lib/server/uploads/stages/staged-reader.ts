import { createHash } from 'node:crypto';
import type { Context } from '#lib/server/context.ts';
import type { ReadRange } from '#lib/server/media/sniff-file.ts';

type Staging = Context['storage']['staging'];

const BLOCK_BYTES = 64 * 1024;
const BLOCKS_KEPT = 4;

/**
 * Reads parts of staged bytes. Neighbouring parts are read together and kept for a moment, so that
 * walking through the headers of a file costs a few requests and 256 KiB.
 */
export function stagedReader(staging: Staging, id: string, signal: AbortSignal): ReadRange {
	const read = rangeReader(staging, id, signal);
	const blocks = new Map<number, Promise<Buffer>>();
	const block = (number: number): Promise<Buffer> => {
		const kept = blocks.get(number);
		if (kept) return kept;
		const reading = read(number * BLOCK_BYTES, BLOCK_BYTES);
		blocks.set(number, reading);
		const oldest = blocks.keys().next().value;
		if (blocks.size > BLOCKS_KEPT && oldest !== undefined) blocks.delete(oldest);
		return reading;
	};
	return async (offset, length) => {
		const first = Math.floor(offset / BLOCK_BYTES);
		const last = Math.floor((offset + length - 1) / BLOCK_BYTES);
		const parts: Buffer[] = [];
		for (let number = first; number <= last; number++) parts.push(await block(number));
		const start = offset - first * BLOCK_BYTES;
		return Buffer.concat(parts).subarray(start, start + length);
	};
}

/** Reads the parts of staged bytes that are asked for, each by itself. */
export function rangeReader(
	staging: Staging,
	id: string,
	signal: AbortSignal
): (offset: number, length: number) => Promise<Buffer> {
	return async (offset, length) => {
		if (length === 0 || offset >= ((await staging.size(id)) ?? 0)) return Buffer.alloc(0);
		const chunks: Uint8Array[] = [];
		let bytes = 0;
		for await (const chunk of await staging.read(id, { start: offset, signal })) {
			chunks.push(chunk);
			bytes += chunk.byteLength;
			if (bytes >= length) break;
		}
		return Buffer.concat(chunks).subarray(0, length);
	};
}

/** SHA-256 of staged bytes, hex; for an upload whose hash was not taken while it arrived. */
export async function hashStaged(
	staging: Staging,
	id: string,
	signal: AbortSignal
): Promise<string> {
	const hash = createHash('sha256');
	for await (const chunk of await staging.read(id, { signal })) hash.update(chunk);
	return hash.digest('hex');
}
