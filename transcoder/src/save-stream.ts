import { open, type FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { badRequest, bodyTooLarge } from './http-error.ts';

async function copy(source: Readable, file: FileHandle, maxBytes: number): Promise<number> {
	let sizeBytes = 0;
	// Leaving the loop must not destroy the request: its socket still carries the answer.
	for await (const chunk of source.iterator({ destroyOnReturn: false })) {
		const bytes = chunk as Buffer;
		sizeBytes += bytes.length;
		if (sizeBytes > maxBytes) throw bodyTooLarge(maxBytes);
		await file.appendFile(bytes);
	}
	return sizeBytes;
}

/**
 * Writes a stream to a new file at `path`, one chunk in memory at a time, and returns its size in
 * bytes.
 *
 * Throws 413 `too_large` at the first byte beyond `maxBytes`, 400 `empty_body` for no bytes.
 */
export async function saveStream(
	source: Readable,
	path: string,
	maxBytes: number
): Promise<number> {
	const file = await open(path, 'wx', 0o600);
	try {
		const sizeBytes = await copy(source, file, maxBytes);
		if (sizeBytes === 0) throw badRequest('empty_body', 'the file has no bytes');
		return sizeBytes;
	} finally {
		await file.close();
	}
}
