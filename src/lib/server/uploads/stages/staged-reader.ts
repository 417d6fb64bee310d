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
	const blocks = new Map<number, Promise<Buffer>>();
	const block = (number: number): Promise<Buffer> => {
		const kept = blocks.get(number);
		if (kept) return kept;
		const reading = readBlock(staging, id, number * BLOCK_BYTES, signal);
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

async function readBlock(
	staging: Staging,
	id: string,
	start: number,
	signal: AbortSignal
): Promise<Buffer> {
	if (start >= ((await staging.size(id)) ?? 0)) return Buffer.alloc(0);
	const chunks: Uint8Array[] = [];
	let bytes = 0;
	for await (const chunk of await staging.read(id, { start, signal })) {
		chunks.push(chunk);
		bytes += chunk.byteLength;
		if (bytes >= BLOCK_BYTES) break;
	}
	return Buffer.concat(chunks).subarray(0, BLOCK_BYTES);
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
