import { open } from 'node:fs/promises';

/** Makes the bytes of a file survive a power cut. */
export async function syncFile(path: string): Promise<void> {
	const file = await open(path, 'r');
	try {
		await file.datasync();
	} finally {
		await file.close();
	}
}

/**
 * Sends growing files to the disk while more of them arrives: waiting for all of it in the end
 * would be a long wait, and waiting after every part many short ones.
 */
export class FlushBehind {
	readonly #running = new Map<string, Promise<void>>();

	/** Begins to send what is there now, unless that is under way; nobody waits for it. */
	start(path: string): void {
		if (this.#running.has(path)) return;
		const flush = syncFile(path);
		this.#running.set(path, flush);
		// one that failed stays: `finish` is where somebody hears of it
		flush.then(
			() => this.#running.delete(path),
			() => undefined
		);
	}

	/** Resolves when everything written so far is on the disk. @throws what the disk says */
	async finish(path: string): Promise<void> {
		try {
			await this.#running.get(path);
		} finally {
			this.#running.delete(path);
		}
		await syncFile(path);
	}

	/** Forgets a file that is no more. */
	forget(path: string): void {
		this.#running.delete(path);
	}
}
