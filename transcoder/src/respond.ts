import type { FileHandle } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { HttpError } from './http-error.ts';

/** How long and how much of a refused body is read away so that the client can read the answer. */
const LINGER_MS = 1000;
const LINGER_BYTES = 32 * 1024 * 1024;

function hasUnreadBody(request: IncomingMessage): boolean {
	const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
	return !request.complete && (encoding !== undefined || Number(length ?? 0) > 0);
}

/** Answers with JSON. */
export function sendJson(response: ServerResponse, status: number, body: unknown): void {
	const bytes = Buffer.from(JSON.stringify(body));
	response.writeHead(status, {
		'content-type': 'application/json; charset=utf-8',
		'content-length': bytes.length,
		'cache-control': 'no-store'
	});
	response.end(bytes);
}

/**
 * Ends the answer when the client has stopped sending, or after a second. Closing while bytes are
 * still arriving makes the system reset the connection, and many clients then never see the answer
 * they were sent.
 */
function endAfterLingering(request: IncomingMessage, response: ServerResponse): void {
	let leftBytes = LINGER_BYTES;
	const end = (): void => {
		clearTimeout(timer);
		response.end();
	};
	const timer = setTimeout(end, LINGER_MS);
	request.on('data', (chunk: Buffer) => {
		leftBytes -= chunk.length;
		if (leftBytes <= 0) end();
	});
	request.once('end', end);
	request.once('close', end);
	request.resume();
}

/**
 * Answers a failure as `{ error, code }`. When the body was not read to its end the connection is
 * closed, since there is no other way to make a client stop sending.
 */
export function sendFailure(
	request: IncomingMessage,
	response: ServerResponse,
	failure: HttpError
): void {
	if (response.headersSent || response.destroyed) {
		response.destroy();
		return;
	}
	for (const [name, value] of Object.entries(failure.headers)) response.setHeader(name, value);
	const body = { error: failure.message, code: failure.code };
	if (!hasUnreadBody(request)) {
		sendJson(response, failure.status, body);
		return;
	}
	const bytes = Buffer.from(JSON.stringify(body));
	response.writeHead(failure.status, {
		'content-type': 'application/json; charset=utf-8',
		'content-length': bytes.length,
		'cache-control': 'no-store',
		connection: 'close'
	});
	response.write(bytes);
	endAfterLingering(request, response);
}

/** A file to answer with. */
export interface Attachment {
	file: FileHandle;
	sizeBytes: number;
	contentType: string;
	disposition: string;
}

/** Streams a file as the answer and closes it; rejects when the client leaves before its end. */
export async function sendFile(response: ServerResponse, attachment: Attachment): Promise<void> {
	response.writeHead(200, {
		'content-type': attachment.contentType,
		'content-length': attachment.sizeBytes,
		'content-disposition': attachment.disposition,
		'cache-control': 'no-store',
		'x-content-type-options': 'nosniff'
	});
	await pipeline(attachment.file.createReadStream(), response);
}
