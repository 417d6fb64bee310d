import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy';
import { badRequest, bodyTooLarge, HttpError } from './http-error.ts';
import type { Received, Receiving } from './received.ts';
import { saveStream } from './save-stream.ts';

/** Boundaries, part headers and small fields around the file. */
export const MULTIPART_OVERHEAD_BYTES = 1024 * 1024;

const LIMITS = {
	parts: 25,
	files: 5,
	fields: 20,
	fieldSize: 64 * 1024,
	headerPairs: 50,
	headerSize: 16 * 1024
};

/** A form that is being read: what went wrong first, and the file it carries. */
class Form {
	readonly #parser: BusboyInstance;
	readonly #to: Receiving;
	/** Holds one entry at most. */
	readonly #saved: Promise<Received>[] = [];
	readonly #streams: BusboyFileStream[] = [];
	#failure: Error | null = null;

	constructor(request: IncomingMessage, to: Receiving) {
		this.#to = to;
		const contentType = request.headers['content-type'] ?? '';
		this.#parser = new Busboy({ headers: { 'content-type': contentType }, limits: LIMITS });
		this.#parser.on('error', (error: Error) => this.#fail(error));
		this.#parser.on('file', (name, stream, fileName) => this.#takeFile(name, stream, fileName));
		for (const limit of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const) {
			this.#parser.on(limit, () => this.#fail(badRequest('bad_multipart', 'too many fields')));
		}
	}

	/** Hands over the next bytes and waits until there is room for more. */
	async write(chunk: Buffer): Promise<void> {
		this.#throwFailure();
		const hasRoom = this.#parser.write(chunk);
		// The parser reports some failures while it is being written to.
		this.#throwFailure();
		if (!hasRoom) await once(this.#parser, 'drain', { signal: this.#to.signal });
	}

	/** Ends the form and returns its file. */
	async finish(): Promise<Received> {
		this.#throwFailure();
		const finished = once(this.#parser, 'finish', { signal: this.#to.signal });
		this.#parser.end();
		await finished;
		this.#throwFailure();
		const [saved] = this.#saved;
		if (saved === undefined) throw badRequest('no_file', 'the form has no file field named "file"');
		return saved;
	}

	/** What went wrong first, in terms of the request. */
	explain(error: unknown): unknown {
		const first = this.#failure ?? error;
		if (first instanceof HttpError || this.#to.signal.aborted) return first;
		// System errors have a code and are ours; the parser's own have none.
		if (first instanceof Error && !('code' in first)) {
			return badRequest('bad_multipart', `the form is broken (${first.message})`);
		}
		return first;
	}

	/** Closes whatever is still open, and waits for it. */
	async close(): Promise<void> {
		for (const stream of this.#streams) stream.destroy();
		await Promise.allSettled(this.#saved);
	}

	#takeFile(name: string, stream: BusboyFileStream, fileName: string): void {
		this.#streams.push(stream);
		stream.on('error', (error: Error) => this.#fail(error));
		if (name !== 'file' || this.#saved.length > 0) {
			stream.resume();
			return;
		}
		const { path, maxBytes } = this.#to;
		const saved = saveStream(stream, path, maxBytes).then((sizeBytes) => ({ fileName, sizeBytes }));
		saved.catch((error: unknown) => {
			this.#fail(error instanceof Error ? error : new Error(String(error)));
		});
		this.#saved.push(saved);
	}

	#fail(error: Error): void {
		if (this.#failure !== null) return;
		this.#failure = error;
		// Wakes up whoever waits for room or for the end.
		this.#parser.destroy(error);
	}

	#throwFailure(): void {
		if (this.#failure !== null) throw this.#failure;
	}
}

function openForm(request: IncomingMessage, to: Receiving): Form {
	try {
		return new Form(request, to);
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		throw badRequest('bad_multipart', `the form is broken (${reason})`);
	}
}

/**
 * Streams the field `file` of a multipart form (RFC 7578) to the disk; other fields are read and
 * forgotten.
 *
 * Throws 413 `too_large`; 400 `empty_body`, `no_file`, `bad_multipart`.
 */
export async function receiveMultipart(request: IncomingMessage, to: Receiving): Promise<Received> {
	const form = openForm(request, to);
	let bodyBytes = 0;
	try {
		for await (const chunk of request.iterator({ destroyOnReturn: false })) {
			const bytes = chunk as Buffer;
			bodyBytes += bytes.length;
			if (bodyBytes > to.maxBytes + MULTIPART_OVERHEAD_BYTES) throw bodyTooLarge(to.maxBytes);
			await form.write(bytes);
		}
		return await form.finish();
	} catch (error) {
		throw form.explain(error);
	} finally {
		await form.close();
	}
}
