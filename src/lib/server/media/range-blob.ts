import type { ReadRange } from './sniff-file.ts';

/** Kept for a moment, so that walking through headers costs a few reads. */
const BLOCKS_KEPT = 4;

/** The blocks of a file that were read last; longer parts are read by themselves and not kept. */
class Blocks {
	readonly #read: ReadRange;
	readonly #blockBytes: number;
	readonly #kept = new Map<number, Promise<Uint8Array>>();

	constructor(read: ReadRange, blockBytes: number) {
		this.#read = read;
		this.#blockBytes = blockBytes;
	}

	async read(start: number, end: number): Promise<Uint8Array> {
		const size = this.#blockBytes;
		if (end - start > size) return await this.#read(start, end - start);
		const part = new Uint8Array(end - start);
		for (let at = start; at < end;) {
			const number = Math.floor(at / size);
			const block = await this.#block(number);
			const wanted = block.subarray(at - number * size, end - number * size);
			if (wanted.byteLength === 0) return part.subarray(0, at - start);
			part.set(wanted, at - start);
			at += wanted.byteLength;
		}
		return part;
	}

	#block(number: number): Promise<Uint8Array> {
		const kept = this.#kept.get(number);
		if (kept) return kept;
		const reading = this.#read(number * this.#blockBytes, this.#blockBytes);
		this.#kept.set(number, reading);
		const oldest = this.#kept.keys().next().value;
		if (this.#kept.size > BLOCKS_KEPT && oldest !== undefined) this.#kept.delete(oldest);
		return reading;
	}
}

/** Some bytes by themselves, or a part of a file. */
type Piece = Uint8Array | { start: number; end: number };

const lengthOf = (piece: Piece) =>
	piece instanceof Uint8Array ? piece.byteLength : piece.end - piece.start;

/**
 * A file somewhere else as a Blob: what it is asked for is read, and nothing else. It may stand in
 * for another file: some bytes of our own with a part of the real one behind them.
 */
export class RangeBlob extends Blob {
	readonly #blocks: Blocks;
	readonly #pieces: readonly Piece[];
	readonly #type: string;

	private constructor(blocks: Blocks, pieces: readonly Piece[], type: string) {
		super();
		this.#blocks = blocks;
		this.#pieces = pieces;
		this.#type = type;
	}

	static of(
		read: ReadRange,
		file: { sizeBytes: number; contentType: string; blockBytes: number }
	): RangeBlob {
		const blocks = new Blocks(read, file.blockBytes);
		return new RangeBlob(blocks, [{ start: 0, end: file.sizeBytes }], file.contentType);
	}

	override get size(): number {
		return this.#pieces.reduce((sum, piece) => sum + lengthOf(piece), 0);
	}

	override get type(): string {
		return this.#type;
	}

	override slice(start = 0, end = this.size): RangeBlob {
		const pieces: Piece[] = [];
		let at = 0;
		for (const piece of this.#pieces) {
			const from = Math.max(start - at, 0);
			const to = Math.min(end - at, lengthOf(piece));
			if (from < to) pieces.push(partOf(piece, from, to));
			at += lengthOf(piece);
		}
		return new RangeBlob(this.#blocks, pieces, this.#type);
	}

	/** The same file, with other bytes in place of its first `length`. */
	withHead(head: Uint8Array, length: number): RangeBlob {
		const rest = this.slice(length);
		return new RangeBlob(this.#blocks, [head, ...rest.#pieces], this.#type);
	}

	override async bytes(): Promise<Uint8Array<ArrayBuffer>> {
		const parts: Uint8Array[] = [];
		for (const piece of this.#pieces) {
			if (piece instanceof Uint8Array) parts.push(piece);
			else parts.push(await this.#blocks.read(piece.start, piece.end));
		}
		const [only] = parts;
		if (only && parts.length === 1) return new Uint8Array(only);
		return new Uint8Array(Buffer.concat(parts));
	}

	override async arrayBuffer(): Promise<ArrayBuffer> {
		return (await this.bytes()).buffer;
	}
}

function partOf(piece: Piece, from: number, to: number): Piece {
	if (piece instanceof Uint8Array) return piece.subarray(from, to);
	return { start: piece.start + from, end: piece.start + to };
}
