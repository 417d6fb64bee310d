import type { IncomingMessage } from 'node:http';
import { bodyTooLarge } from './http-error.ts';
import { MULTIPART_OVERHEAD_BYTES, receiveMultipart } from './receive-multipart.ts';
import type { Received, Receiving } from './received.ts';
import { saveStream } from './save-stream.ts';

function isMultipart(request: IncomingMessage): boolean {
	return /^multipart\/form-data\b/i.test(request.headers['content-type'] ?? '');
}

/**
 * Refuses a body by what its headers say, before a byte of it is read.
 *
 * Throws 413 `too_large`.
 */
export function refuseByLength(request: IncomingMessage, maxBytes: number): void {
	const announcedBytes = Number(request.headers['content-length'] ?? 0);
	const overheadBytes = isMultipart(request) ? MULTIPART_OVERHEAD_BYTES : 0;
	if (announcedBytes > maxBytes + overheadBytes) throw bodyTooLarge(maxBytes);
}

/**
 * Streams the request's file to the disk: the field `file` of a form, or the whole body.
 *
 * Throws 413 `too_large`; 400 `empty_body`, `no_file`, `bad_multipart`.
 */
export async function receive(request: IncomingMessage, to: Receiving): Promise<Received> {
	if (isMultipart(request)) return receiveMultipart(request, to);
	return { fileName: null, sizeBytes: await saveStream(request, to.path, to.maxBytes) };
}
