import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '#lib/server/context.ts';
import type { ReadRange } from '#lib/server/media/sniff-file.ts';
import { ObjectNotFound, ObjectTooShort } from '#lib/server/storage/errors.ts';

type Reader = Pick<Context, 'storage'>;

const TRIES = 4;
const REST_MS = 1_000;

/**
 * The bytes of a stored object from `start` on, as they are taken. A storage that fails for a moment is
 * asked again for the rest: who has waited for hours does not begin anew.
 * @throws ObjectNotFound, ObjectTooShort; StorageUnavailable after some seconds
 */
export async function* readOn(
	{ storage }: Reader,
	key: string,
	{ start, sizeBytes }: { start: number; sizeBytes: number },
	signal: AbortSignal
): AsyncGenerator<Uint8Array, void> {
	let at = start;
	for (let failures = 0; at < sizeBytes;) {
		try {
			const body = await storage.read(key, { start: at, end: sizeBytes - 1, signal });
			for await (const chunk of body) {
				at += chunk.length;
				failures = 0;
				yield chunk;
			}
		} catch (cause) {
			signal.throwIfAborted();
			const isLost = cause instanceof ObjectNotFound || cause instanceof ObjectTooShort;
			if (isLost || ++failures === TRIES) throw cause;
			await sleep(REST_MS * failures, undefined, { signal });
		}
	}
}

/** Reads parts of an object, for who looks at what is in it. */
export const rangesOf =
	({ storage }: Reader, key: string, sizeBytes: number, signal: AbortSignal): ReadRange =>
	async (offset, length) => {
		const end = Math.min(offset + length, sizeBytes) - 1;
		if (end < offset) return new Uint8Array();
		const chunks: Uint8Array[] = [];
		for await (const chunk of await storage.read(key, { start: offset, end, signal })) {
			chunks.push(chunk);
		}
		return Buffer.concat(chunks);
	};

/** A small object, whole; null: it is not there. */
export async function readWhole(
	{ storage }: Reader,
	key: string,
	signal: AbortSignal
): Promise<Uint8Array | null> {
	const chunks: Uint8Array[] = [];
	try {
		for await (const chunk of await storage.read(key, { signal })) chunks.push(chunk);
	} catch (cause) {
		if (cause instanceof ObjectNotFound) return null;
		throw cause;
	}
	return Buffer.concat(chunks);
}
