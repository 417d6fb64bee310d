import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

const BUFFER_BYTES = 256 * 1024;

/**
 * SHA-256 of a file, in hex. Reads through one buffer: a new one for each piece of a large file
 * would be tens of megabytes of garbage before the first of it is collected.
 */
export async function hashFile(path: string, signal?: AbortSignal): Promise<string> {
	const hash = createHash('sha256');
	const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
	const file = await open(path, 'r');
	try {
		for (let position = 0; ;) {
			signal?.throwIfAborted();
			const { bytesRead } = await file.read(buffer, 0, BUFFER_BYTES, position);
			if (bytesRead === 0) return hash.digest('hex');
			hash.update(buffer.subarray(0, bytesRead));
			position += bytesRead;
		}
	} finally {
		await file.close();
	}
}
