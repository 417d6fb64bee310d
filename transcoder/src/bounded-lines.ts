const NEWLINE = 0x0a;

/**
 * Splits bytes into lines of text and keeps at most `maxLineBytes` of each, so that a line of any
 * length costs a fixed amount of memory. Cut lines are delivered without their rest.
 */
export class BoundedLines {
	readonly #maxLineBytes: number;
	readonly #onLine: (line: string) => void;
	#parts: Buffer[] = [];
	#sizeBytes = 0;

	constructor(maxLineBytes: number, onLine: (line: string) => void) {
		this.#maxLineBytes = maxLineBytes;
		this.#onLine = onLine;
	}

	/** Takes the next bytes and delivers the lines they complete. */
	push(chunk: Buffer): void {
		let start = 0;
		for (;;) {
			const end = chunk.indexOf(NEWLINE, start);
			if (end === -1) {
				this.#keep(chunk.subarray(start));
				return;
			}
			this.#keep(chunk.subarray(start, end));
			this.#deliver();
			start = end + 1;
		}
	}

	/** Delivers a last line that had no line break. */
	end(): void {
		if (this.#sizeBytes > 0) this.#deliver();
	}

	#keep(piece: Buffer): void {
		const room = this.#maxLineBytes - this.#sizeBytes;
		if (room <= 0 || piece.length === 0) return;
		// A copy: a view would keep the whole chunk alive.
		const kept = Buffer.from(piece.subarray(0, room));
		this.#parts.push(kept);
		this.#sizeBytes += kept.length;
	}

	#deliver(): void {
		const line = Buffer.concat(this.#parts, this.#sizeBytes).toString('utf8');
		this.#parts = [];
		this.#sizeBytes = 0;
		this.#onLine(line);
	}
}
