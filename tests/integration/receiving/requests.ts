/** Requests with exactly the bytes a test wants, which fetch would tidy up. */
import { type IncomingHttpHeaders, request as open } from 'node:http';

export interface Answer {
	status: number;
	headers: IncomingHttpHeaders;
	text: string;
	/** of an error under /api */
	code: string | undefined;
	detail: unknown;
}

export interface Sending {
	method?: string;
	/** who is signed in; nobody when null */
	viewer?: string | null;
	headers?: Record<string, string>;
	body?: Uint8Array | AsyncIterable<Uint8Array>;
	signal?: AbortSignal;
}

export const ALICE = 'did:plc:alice';
export const BOB = 'did:plc:bob';

/** Sends a request and reads its answer, also one that comes before the body is sent. */
export function send(url: string, sending: Sending = {}): Promise<Answer> {
	const { method = 'GET', viewer = ALICE, headers = {}, body, signal } = sending;
	return new Promise((resolve, reject) => {
		const outgoing = open(url, {
			method,
			signal,
			headers: { ...(viewer === null ? {} : { 'x-viewer': viewer }), ...headers }
		});
		outgoing.on('error', reject);
		outgoing.on('response', (response) => {
			const chunks: Buffer[] = [];
			response.on('data', (chunk: Buffer) => chunks.push(chunk));
			response.on('error', reject);
			response.on('end', () => {
				const text = Buffer.concat(chunks).toString();
				const status = response.statusCode ?? 0;
				resolve({ status, headers: response.headers, text, ...readError(text) });
				outgoing.destroy();
			});
		});
		if (body === undefined || body instanceof Uint8Array) outgoing.end(body);
		else void pipe(body, outgoing);
	});
}

async function pipe(body: AsyncIterable<Uint8Array>, outgoing: NodeJS.WritableStream) {
	try {
		for await (const chunk of body) {
			if (!outgoing.writable) return;
			if (!outgoing.write(chunk)) {
				await new Promise((resolve) => {
					outgoing.once('drain', resolve);
					outgoing.once('close', resolve);
				});
			}
		}
		outgoing.end();
	} catch (cause) {
		// a body that throws is a sender that disappears
		(outgoing as unknown as { destroy(cause: unknown): void }).destroy(cause);
	}
}

function readError(text: string): { code: string | undefined; detail: unknown } {
	if (!text.startsWith('{')) return { code: undefined, detail: undefined };
	const { code, detail } = JSON.parse(text) as { code?: string; detail?: unknown };
	return { code, detail };
}

/** One part of a form. */
export interface FormPart {
	name: string;
	content: Uint8Array | string;
	fileName?: string;
	type?: string;
}

export const BOUNDARY = '----plyrformboundary7MA4YWxk';

/** What opens a part: its delimiter and header. */
export function partHead({ name, fileName, type }: Omit<FormPart, 'content'>): Buffer {
	const file = fileName === undefined ? '' : `; filename="${fileName}"`;
	const contentType = type === undefined ? '' : `Content-Type: ${type}\r\n`;
	return Buffer.from(
		`--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n${contentType}\r\n`
	);
}

export const FORM_END = Buffer.from(`--${BOUNDARY}--\r\n`);

/** A whole form. */
export const formBody = (parts: FormPart[]): Buffer =>
	Buffer.concat([
		...parts.flatMap((part) => [partHead(part), Buffer.from(part.content), Buffer.from('\r\n')]),
		FORM_END
	]);

export const FORM_TYPE = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` };

/** A WAV of noise: real enough to be let in, and every one different. */
export function noise(sizeBytes: number, seed = 1): Buffer {
	const wav = Buffer.alloc(sizeBytes);
	let state = seed >>> 0 || 1;
	for (let i = 0; i + 4 <= sizeBytes; i += 4) {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		wav.writeUInt32LE(state, i);
	}
	wav.write('RIFF', 0, 'latin1');
	wav.writeUInt32LE(sizeBytes - 8, 4);
	wav.write('WAVEfmt ', 8, 'latin1');
	return wav;
}
