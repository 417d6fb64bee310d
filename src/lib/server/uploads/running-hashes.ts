import { createHash, type Hash } from 'node:crypto';

/** A hash is a hundred bytes; what falls out is computed from staging instead. */
const KEPT = 256;

/** The SHA-256 of what has arrived of an upload, while its parts arrive one after the other here. */
const running = new Map<string, { hash: Hash; offsetBytes: number }>();

/**
 * Takes out the hash of the first `offsetBytes` bytes of an upload; undefined when this process
 * has not seen all of them.
 */
export function takeRunningHash(uploadId: string, offsetBytes: number): Hash | undefined {
	const kept = running.get(uploadId);
	running.delete(uploadId);
	if (offsetBytes === 0) return createHash('sha256');
	return kept?.offsetBytes === offsetBytes ? kept.hash : undefined;
}

/** Puts back the hash of the first `offsetBytes` bytes. */
export function keepRunningHash(uploadId: string, offsetBytes: number, hash: Hash): void {
	running.set(uploadId, { hash, offsetBytes });
	for (const oldest of running.keys()) {
		if (running.size <= KEPT) return;
		running.delete(oldest);
	}
}
