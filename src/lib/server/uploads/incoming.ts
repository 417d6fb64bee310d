import type { Hash } from 'node:crypto';
import { type DomainError, invalid, tooLarge } from '#lib/server/errors.ts';
import { ACCEPTED_FORMATS } from '#lib/server/media/formats.ts';
import { SNIFF_BYTES, sniffHead } from '#lib/server/media/sniff.ts';

const MEBIBYTE = 1024 * 1024;

/** 413: the file is larger than this place takes. */
export const fileTooLarge = (maxBytes: number) =>
	tooLarge('file_too_large', `file too large (max ${Math.floor(maxBytes / MEBIBYTE)}MB)`);

/** 400: there is not a single byte in the file. */
export const emptyFile = () =>
	invalid('empty_file', 'this file is empty. choose the file once more, or export it again');

interface Options {
	maxBytes: number;
	/** what the first byte too many is refused with */
	tooMany: () => DomainError;
	/** throws when these bytes must not be written any more */
	check: () => void;
	/** refuses what is no audio by its first bytes: for the beginning of a file */
	sniff: boolean;
	/** the source may end before the file does, which then has `maxBytes` */
	isPart: boolean;
}

/** Audio on its way to staging: counted, hashed, and refused as soon as it cannot be right. */
export class IncomingAudio {
	/** bytes that passed so far */
	passedBytes = 0;
	readonly #options: Options;

	constructor(options: Options) {
		this.#options = options;
	}

	/**
	 * Passes chunks on, none of them copied.
	 * @param hash fed with every byte; absent when the bytes before these were not seen
	 * @throws DomainError 400 `unsupported_audio`, and what `tooMany` makes and `check` throws
	 */
	async *through(
		source: AsyncIterable<Uint8Array>,
		hash?: Hash
	): AsyncGenerator<Uint8Array, void, undefined> {
		let head: Uint8Array[] | null = this.#options.sniff ? [] : null;
		for await (const chunk of source) {
			this.#options.check();
			this.passedBytes += chunk.byteLength;
			if (this.passedBytes > this.#options.maxBytes) throw this.#options.tooMany();
			hash?.update(chunk);
			if (!head) {
				yield chunk;
				continue;
			}
			head.push(chunk);
			if (this.passedBytes < SNIFF_BYTES) continue;
			refuseOther(Buffer.concat(head));
			yield* head;
			head = null;
		}
		if (!head || head.length === 0) return;
		// too little to judge, when more is to come: the inspection sees all of it
		const isWhole = !this.#options.isPart || this.passedBytes === this.#options.maxBytes;
		if (isWhole) refuseOther(Buffer.concat(head));
		yield* head;
	}
}

/** Refuses what cannot be audio; what might be is looked at again, closely, by the inspection. */
function refuseOther(head: Uint8Array): void {
	const found = sniffHead(head);
	if (found.kind !== 'other') return;
	throw invalid(
		'unsupported_audio',
		`this is ${found.what}, not audio we can publish. supported: ${ACCEPTED_FORMATS}`
	);
}
