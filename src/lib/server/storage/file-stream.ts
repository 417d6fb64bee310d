import { closeSync, fstatSync, open, read } from 'node:fs';
import { promisify } from 'node:util';
import type { ReadOptions } from './storage.ts';

/** The most that is held of a file for one reader. */
export const READ_CHUNK_BYTES = 64 * 1024;

// measured with 16 KiB ranges: each trip to the thread pool costs as much as a tenth of the whole
// request. opening and reading may wait for a disk and take the trip; asking about an open file
// and closing one that was only read do not
const openFile = promisify(open);

/** The file ends before the wanted bytes. */
export class FileTooShort extends Error {}

/**
 * Opens a range of a file as a stream that reads 64 KiB when it is asked and nothing ahead. The
 * descriptor is closed with the last byte, on cancel, on error and when the signal aborts: a stream
 * that may be dropped unread needs a signal.
 * @throws FileTooShort, or what the file system says (ENOENT, and EISDIR for a folder)
 */
export async function openFileStream(
	path: string,
	options: ReadOptions = {}
): Promise<ReadableStream<Uint8Array>> {
	const { start = 0, signal } = options;
	const fd = await openFile(path, 'r');
	try {
		const facts = fstatSync(fd);
		if (!facts.isFile()) throw Object.assign(new Error('not a file'), { code: 'EISDIR' });
		const end = options.end ?? facts.size - 1;
		if (end >= facts.size || start > facts.size) throw new FileTooShort();
		signal?.throwIfAborted();
		return new ReadableStream(new FileRange(fd, start, end, signal), { highWaterMark: 0 });
	} catch (cause) {
		closeSync(fd);
		throw cause;
	}
}

/** One open descriptor and the bytes still to be read from it. */
class FileRange implements UnderlyingDefaultSource<Uint8Array> {
	readonly #fd: number;
	readonly #signal: AbortSignal | undefined;
	#position: number;
	#remaining: number;
	#isReading = false;
	#hasEnded = false;
	#onAbort: () => void = () => undefined;

	constructor(fd: number, start: number, end: number, signal?: AbortSignal) {
		this.#fd = fd;
		this.#position = start;
		this.#remaining = end - start + 1;
		this.#signal = signal;
	}

	start(controller: ReadableStreamDefaultController<Uint8Array>): void {
		if (this.#remaining <= 0) {
			this.#end();
			controller.close();
			return;
		}
		this.#onAbort = () => {
			this.#end();
			controller.error(this.#signal?.reason);
		};
		this.#signal?.addEventListener('abort', this.#onAbort, { once: true });
	}

	pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
		const wanted = Math.min(READ_CHUNK_BYTES, this.#remaining);
		const chunk = Buffer.allocUnsafeSlow(wanted);
		this.#isReading = true;
		return new Promise((resolve, reject) => {
			read(this.#fd, chunk, 0, wanted, this.#position, (error, bytesRead) => {
				this.#isReading = false;
				if (this.#hasEnded) {
					closeSync(this.#fd);
					resolve();
				} else if (error !== null || bytesRead === 0) {
					this.#end();
					reject(error ?? new FileTooShort());
				} else {
					this.#deliver(controller, bytesRead === wanted ? chunk : chunk.subarray(0, bytesRead));
					resolve();
				}
			});
		});
	}

	cancel(): void {
		this.#end();
	}

	#deliver(controller: ReadableStreamDefaultController<Uint8Array>, chunk: Uint8Array): void {
		this.#position += chunk.byteLength;
		this.#remaining -= chunk.byteLength;
		if (this.#remaining === 0) this.#end();
		controller.enqueue(chunk);
		if (this.#remaining === 0) controller.close();
	}

	/** A descriptor closed during a read could be another file's by the time the read runs. */
	#end(): void {
		if (this.#hasEnded) return;
		this.#hasEnded = true;
		this.#signal?.removeEventListener('abort', this.#onAbort);
		if (!this.#isReading) closeSync(this.#fd);
	}
}
