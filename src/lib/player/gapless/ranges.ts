import { askRange, HEAD_BYTES } from './ask-range.ts';
import { NotGapless, type Reading } from './gapless-source.ts';

const FIRST_BYTES = 256 * 1024;
const LATER_BYTES = 512 * 1024;
/** Less than this is not worth an append. */
const PIECE_BYTES = 24 * 1024;

/** The server answers, but not with this recording. */
export class NotThere extends NotGapless {
	override name = 'NotThere';
}

/** Reads a file on the web by ranges, as bounded pieces. */
export class RangeReader {
	/** known once something was read */
	sizeBytes = 0;
	/** of all answers, as they arrive */
	receivedBytes = 0;
	readonly #url: string;
	readonly #ask: typeof askRange;
	/** to the first bytes, which were asked for before this was there */
	#asked: Promise<Response> | null;
	/** `HEAD_BYTES` and what came with the last of them */
	#head: Uint8Array<ArrayBuffer> | null = null;
	/** what follows it in the same answer, until somebody reads on */
	#behindHead: AsyncGenerator<Uint8Array, void, undefined> | null = null;

	/** @param asked the answer to `askRange` of `HEAD_BYTES` or more, when somebody has asked already */
	constructor(url: string, asked: Promise<Response> | null = null, ask = askRange) {
		this.#url = url;
		this.#asked = asked;
		this.#ask = ask;
	}

	/**
	 * The bytes from `start` on, fewer than `length` at the end of the file.
	 * @throws TypeError without a line, NotGapless when the answer is not what was asked for
	 */
	async read(start: number, length: number, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
		const head = await this.#readHead(signal);
		if (start + length <= head.length || head.length === this.sizeBytes) {
			return head.slice(start, start + length);
		}
		if (start >= this.sizeBytes) return new Uint8Array();
		return await this.#readAll(start, length, signal);
	}

	/** All from a byte on, as it arrives. A line that breaks is tried again where it broke. */
	async *from(
		start: number,
		{ signal, room, patience }: Reading
	): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
		const head = await this.#readHead(signal);
		let behindHead = this.#behindHead;
		this.#behindHead = null;
		let length = FIRST_BYTES;
		let at = start;
		try {
			if (at > head.length) await behindHead?.return();
			if (at < head.length) {
				yield head.slice(at);
				at = head.length;
			}
			while (at < this.sizeBytes) {
				await room();
				const inAnswer = at === head.length ? behindHead : null;
				if (inAnswer) behindHead = null;
				try {
					for await (const bytes of gathered(inAnswer ?? this.#stream(at, length, signal))) {
						at += bytes.length;
						yield bytes;
					}
					if (!inAnswer) length = LATER_BYTES;
				} catch (cause) {
					if (signal.aborted || cause instanceof NotGapless) throw cause;
					if (!(await patience())) throw cause;
				}
			}
		} finally {
			await behindHead?.return();
		}
	}

	async *#stream(start: number, length: number, signal: AbortSignal) {
		const { body } = await this.#answer(start, length, signal);
		yield* this.#chunksOf(body);
	}

	async #readHead(signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
		if (this.#head) return this.#head;
		const chunks = this.#stream(0, HEAD_BYTES, signal);
		const read: Uint8Array[] = [];
		let size = 0;
		while (size < HEAD_BYTES) {
			const { value } = await chunks.next();
			if (!value) break;
			read.push(value);
			size += value.length;
		}
		this.#behindHead = chunks;
		return (this.#head = concat(read, size));
	}

	async #readAll(start: number, length: number, signal: AbortSignal) {
		const chunks: Uint8Array[] = [];
		for await (const chunk of this.#stream(start, length, signal)) chunks.push(chunk);
		return concat(chunks);
	}

	async *#chunksOf(body: ReadableStream<Uint8Array> | null) {
		for await (const chunk of chunksOf(body)) {
			this.receivedBytes += chunk.length;
			yield chunk;
		}
	}

	async #answer(start: number, length: number, signal: AbortSignal): Promise<Response> {
		const asked = this.#asked;
		this.#asked = null;
		const response = await (asked ?? this.#ask(this.#url, start, length, signal));
		const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
		if (response.status === 206 && range && Number(range[1]) === start) {
			this.sizeBytes = Number(range[2]);
			return response;
		}
		await response.body?.cancel();
		if (response.status >= 500) throw new TypeError(`answered with ${response.status}`);
		throw new NotThere(`no range of it: answered with ${response.status}`);
	}
}

/** Several stretches of bytes as one. */
export function concat(
	parts: readonly Uint8Array[],
	size = parts.reduce((sum, part) => sum + part.length, 0)
): Uint8Array<ArrayBuffer> {
	const all = new Uint8Array(size);
	let at = 0;
	for (const part of parts) {
		all.set(part, at);
		at += part.length;
	}
	return all;
}

/** Chunks as pieces that are worth an append. */
async function* gathered(chunks: AsyncIterable<Uint8Array>) {
	const few: Uint8Array[] = [];
	let size = 0;
	const take = () => {
		const bytes = concat(few.splice(0), size);
		size = 0;
		return bytes;
	};
	for await (const chunk of chunks) {
		few.push(chunk);
		size += chunk.length;
		if (size >= PIECE_BYTES) yield take();
	}
	if (size > 0) yield take();
}

/** Not every browser iterates over a stream. */
async function* chunksOf(body: ReadableStream<Uint8Array> | null) {
	if (!body) return;
	const reader = body.getReader();
	try {
		for (;;) {
			const { done, value } = await reader.read();
			if (done) return;
			yield value;
		}
	} finally {
		// what nobody waits for any more is not sent
		await reader.cancel().catch(() => undefined);
	}
}
