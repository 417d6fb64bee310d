import { type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { originNow } from '#lib/server/trace/under-way.ts';

/** Opens the file to send, from its beginning; called again when a request is repeated. */
export type OpenSource = (signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>;

export interface TranscoderCall {
	url: URL;
	key: string;
	source: OpenSource;
	sizeBytes: number;
	signal: AbortSignal;
}

/** A server that does not know `Expect: 100-continue` (RFC 9110 10.1.1) gets the file after this long. */
const CONTINUE_LIMIT_MS = 2_000;

/**
 * Sends a file and resolves with the answer's head; its body is still to be read. The file is
 * opened only when the server says it wants it, so a refusal for lack of room costs nothing, and
 * it is read only as fast as it is taken.
 */
export async function postFile(call: TranscoderCall): Promise<IncomingMessage> {
	const { url, key, sizeBytes, signal } = call;
	const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
	const origin = originNow();
	const request = open(url, {
		method: 'POST',
		headers: {
			'content-type': 'application/octet-stream',
			'content-length': sizeBytes,
			'x-transcoder-key': key,
			expect: '100-continue',
			// its log lines say to which trace they belong
			...(origin ? { traceparent: origin.traceparent } : {})
		},
		// a kept connection may be closed by the server at the moment it is used again
		agent: false,
		signal
	});
	return await new Promise<IncomingMessage>((resolve, reject) => {
		let isAnswered = false;
		request.once('response', (response) => {
			isAnswered = true;
			resolve(response);
		});
		request.on('error', reject);
		whenWanted(request, () => {
			sendBody(call, request).catch((cause: unknown) => {
				// an answer that comes before the file's end closes the connection: it is the answer that counts
				if (!isAnswered) request.destroy();
				reject(cause instanceof Error ? cause : new Error(String(cause)));
			});
		});
		request.flushHeaders();
	});
}

async function sendBody({ source, signal }: TranscoderCall, request: ClientRequest): Promise<void> {
	const bytes = Readable.fromWeb((await source(signal)) as never);
	await pipeline(bytes, request, { signal });
}

function whenWanted(request: ClientRequest, send: () => void): void {
	let isDecided = false;
	const decide = (then: () => void) => () => {
		clearTimeout(timer);
		if (!isDecided) then();
		isDecided = true;
	};
	const timer = setTimeout(decide(send), CONTINUE_LIMIT_MS);
	request.once('continue', decide(send));
	// 102: our place in line is kept, and the file is asked for when it is our turn
	request.once('information', () => clearTimeout(timer));
	const nothing = () => undefined;
	request.once('response', decide(nothing));
	request.once('close', decide(nothing));
}

const MAX_ANSWER_BYTES = 256 * 1024;

/** Reads a short answer to its end. */
export async function readAnswer(response: IncomingMessage): Promise<string> {
	const chunks: Buffer[] = [];
	let bytes = 0;
	for await (const chunk of response as AsyncIterable<Buffer>) {
		bytes += chunk.length;
		if (bytes > MAX_ANSWER_BYTES) throw new Error('the answer of the transcoder is too long');
		chunks.push(chunk);
	}
	return Buffer.concat(chunks).toString('utf8');
}
