/** A piece of the body of a request, as it lies in a chunk. */
export interface BodyPiece {
	/** where in the chunk it begins */
	start: number;
	sizeBytes: number;
	/** where in the uploaded file it begins; undefined when the request is no part of an upload */
	uploadOffset: number | undefined;
}

const END_OF_HEAD = '\r\n\r\n';

/** Follows the requests on one connection (HTTP/1.1), as far as their bodies have a length. */
export class RequestReader {
	#head = '';
	#leftBytes = 0;
	#uploadOffset: number | undefined;

	/** The pieces of bodies in what came next. Heads may be cut anywhere. */
	*read(chunk: Buffer): Generator<BodyPiece, void> {
		let at = 0;
		while (at < chunk.byteLength) {
			if (this.#leftBytes === 0) at += this.#readHead(chunk.subarray(at));
			const sizeBytes = Math.min(this.#leftBytes, chunk.byteLength - at);
			if (sizeBytes === 0) continue;
			yield { start: at, sizeBytes, uploadOffset: this.#uploadOffset };
			this.#leftBytes -= sizeBytes;
			if (this.#uploadOffset !== undefined) this.#uploadOffset += sizeBytes;
			at += sizeBytes;
		}
	}

	/** @returns how many bytes of it belong to the head */
	#readHead(bytes: Buffer): number {
		const before = this.#head.length;
		this.#head += bytes.toString('latin1');
		const end = this.#head.indexOf(END_OF_HEAD);
		if (end < 0) return bytes.byteLength;
		const head = this.#head.slice(0, end);
		this.#head = '';
		const count = (name: string) => new RegExp(`^${name}: *(\\d+)`, 'im').exec(head)?.[1];
		const offset = count('upload-offset');
		this.#leftBytes = Number(count('content-length') ?? 0);
		this.#uploadOffset = offset === undefined ? undefined : Number(offset);
		return end + END_OF_HEAD.length - before;
	}
}
