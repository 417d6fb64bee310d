import { connect, type Socket } from 'node:net';

export interface Load {
	url: URL;
	connections: number;
	/** ends with the requests under way at that moment */
	durationMs: number;
	/** ends earlier after about this many requests */
	maxRequests: number;
	/** the Range header of the next request; null for the whole file */
	nextRange: () => string | null;
}

export interface LoadResult {
	requestsPerSecond: number;
	megabytesPerSecond: number;
	requests: number;
}

const REQUEST_LIMIT_MS = 30_000;
const HEAD_END = Buffer.from('\r\n\r\n');

/**
 * Keeps a number of connections busy with one request after the other. Speaks HTTP/1.1 by itself:
 * a client that parses headers into objects would be slower than the servers it measures.
 * @throws Error when an answer is not 200 or 206, or does not come
 */
export async function runLoad(load: Load): Promise<LoadResult> {
	const totals = { requests: 0, bytes: 0 };
	const begin = performance.now();
	const deadline = begin + load.durationMs;
	const work = Array.from({ length: load.connections }, () => keepBusy(load, deadline, totals));
	await Promise.all(work);
	const seconds = (performance.now() - begin) / 1000;
	return {
		requestsPerSecond: totals.requests / seconds,
		megabytesPerSecond: totals.bytes / 1e6 / seconds,
		requests: totals.requests
	};
}

async function keepBusy(
	load: Load,
	deadline: number,
	totals: { requests: number; bytes: number }
): Promise<void> {
	const port = Number(load.url.port || 80);
	// one buffer per connection: nothing is allocated per chunk
	const answers = new AnswerReader();
	const buffer = Buffer.allocUnsafe(64 * 1024);
	const socket = connect({
		host: load.url.hostname,
		port,
		noDelay: true,
		onread: { buffer, callback: (bytes) => (answers.take(buffer.subarray(0, bytes)), true) }
	});
	socket.setTimeout(REQUEST_LIMIT_MS, () => socket.destroy(new Error('no answer in time')));
	socket.once('error', (cause) => answers.fail(cause));
	socket.once('close', () => answers.fail(new Error('the server closed the connection')));
	try {
		while (performance.now() < deadline && totals.requests < load.maxRequests) {
			const bodyBytes = await exchange(socket, load, answers);
			totals.bytes += bodyBytes;
			totals.requests += 1;
		}
	} finally {
		socket.destroy();
	}
}

async function exchange(socket: Socket, load: Load, answers: AnswerReader): Promise<number> {
	const range = load.nextRange();
	const answer = answers.next();
	socket.write(
		`GET ${load.url.pathname}${load.url.search} HTTP/1.1\r\nhost: ${load.url.host}\r\n` +
			(range === null ? '\r\n' : `range: ${range}\r\n\r\n`)
	);
	return await answer;
}

/** Finds the end of each answer by its content-length; knows no other framing. */
class AnswerReader {
	#head: Buffer = Buffer.alloc(0);
	#bodyBytes = 0;
	#remaining = -1;
	#done: ((bodyBytes: number) => void) | undefined;
	#failed: ((cause: Error) => void) | undefined;

	/** @returns the size of the next answer's body */
	next(): Promise<number> {
		return new Promise((resolve, reject) => {
			this.#done = resolve;
			this.#failed = reject;
		});
	}

	fail(cause: Error): void {
		this.#failed?.(cause);
	}

	take(chunk: Buffer): void {
		if (this.#remaining >= 0) {
			this.#remaining -= chunk.byteLength;
		} else {
			this.#head = Buffer.concat([this.#head, chunk]);
			const end = this.#head.indexOf(HEAD_END);
			if (end === -1) return;
			this.#bodyBytes = contentLengthOf(
				this.#head.toString('latin1', 0, end),
				this.fail.bind(this)
			);
			this.#remaining = this.#bodyBytes - (this.#head.byteLength - end - HEAD_END.byteLength);
			this.#head = Buffer.alloc(0);
		}
		if (this.#remaining > 0) return;
		this.#remaining = -1;
		this.#done?.(this.#bodyBytes);
	}
}

function contentLengthOf(head: string, fail: (cause: Error) => void): number {
	const length = /^content-length: *(\d+)/im.exec(head)?.[1];
	if (!/^HTTP\/1\.1 20[06] /.test(head)) fail(new Error(`unexpected answer:\n${head}`));
	if (length === undefined) fail(new Error(`an answer without content-length:\n${head}`));
	return Number(length ?? 0);
}
