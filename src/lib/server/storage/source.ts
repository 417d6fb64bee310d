import { createHash } from 'node:crypto';
import type { ByteSource, StoredBytes } from './storage.ts';

/**
 * A source ended with an error (`cause`), or the caller's signal ended it. Keeps the faults of
 * whoever sends apart from those of the store; callers of a store see the cause only.
 */
export class SourceBroken extends Error {}

/**
 * The chunks of a source, ended by the signal even while the source is silent.
 * @throws SourceBroken
 */
export async function* chunksOf(
	source: ByteSource,
	signal?: AbortSignal
): AsyncGenerator<Uint8Array, void> {
	if (signal?.aborted) throw new SourceBroken('aborted', { cause: reasonOf(signal) });
	if (source instanceof Uint8Array) {
		if (source.byteLength > 0) yield source;
		return;
	}
	const iterator = source[Symbol.asyncIterator]();
	let ended = false;
	try {
		for (;;) {
			const step = await orAbort(iterator.next(), signal);
			if (step.done) {
				ended = true;
				return;
			}
			yield step.value;
		}
	} catch (cause) {
		ended = signal?.aborted !== true;
		throw new SourceBroken('the source broke off', { cause });
	} finally {
		// not awaited: the return of a generator waits for its pending next, which may never come
		if (!ended) iterator.return?.().catch(() => undefined);
	}
}

/** The promise, or the signal's reason, whichever is first. Leaves no listener behind. */
export function orAbort<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
	if (signal === undefined) return promise;
	return new Promise<T>((resolve, reject) => {
		const onAbort = () => reject(reasonOf(signal));
		if (signal.aborted) onAbort();
		signal.addEventListener('abort', onAbort, { once: true });
		promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
	});
}

function reasonOf(signal: AbortSignal): Error {
	return signal.reason instanceof Error
		? signal.reason
		: new Error('stopped', { cause: signal.reason });
}

/** Counts and hashes bytes as they pass. */
export class Tally {
	#sizeBytes = 0;
	readonly #hash = createHash('sha256');

	get sizeBytes(): number {
		return this.#sizeBytes;
	}

	add(chunk: Uint8Array): void {
		this.#sizeBytes += chunk.byteLength;
		this.#hash.update(chunk);
	}

	/** Once, at the end. */
	result(): StoredBytes {
		return { sizeBytes: this.#sizeBytes, sha256: this.#hash.digest('hex') };
	}
}

/**
 * The same chunks, hashed as they pass.
 * @param check is given what they were, after the last of them, and throws when it should have been another
 */
export async function* tallied(
	chunks: AsyncIterable<Uint8Array>,
	check: (found: StoredBytes) => void
): AsyncGenerator<Uint8Array, void> {
	const tally = new Tally();
	for await (const chunk of chunks) {
		tally.add(chunk);
		yield chunk;
	}
	check(tally.result());
}

/** Size and hash of everything a stream of bytes yields. */
export async function tallyOf(chunks: AsyncIterable<Uint8Array>): Promise<StoredBytes> {
	const tally = new Tally();
	for await (const chunk of chunks) tally.add(chunk);
	return tally.result();
}

/** Chunks as a stream that asks for the next one only when it is read from. */
export function streamOf(chunks: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
	const iterator = chunks[Symbol.asyncIterator]();
	return new ReadableStream<Uint8Array>(
		{
			async pull(controller) {
				const step = await iterator.next();
				if (step.done) controller.close();
				else controller.enqueue(step.value);
			},
			cancel() {
				// not awaited: it waits for a chunk on its way. that chunk's error has no reader any more
				iterator.return?.().catch(() => undefined);
			}
		},
		{ highWaterMark: 0 }
	);
}
