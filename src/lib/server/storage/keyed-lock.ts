import { orAbort, SourceBroken } from './source.ts';

/** Lets one piece of work per name run at a time, in order of asking, within this process. */
export class KeyedLock {
	readonly #tails = new Map<string, Promise<unknown>>();

	/** @throws SourceBroken when the signal aborts while waiting */
	async run<T>(name: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
		const previous = this.#tails.get(name) ?? Promise.resolve();
		const { promise: finished, resolve: finish } = Promise.withResolvers<undefined>();
		// whoever gives up waiting still passes on the wait for the one before
		const tail = previous.then(() => finished);
		this.#tails.set(name, tail);
		void tail.then(() => {
			if (this.#tails.get(name) === tail) this.#tails.delete(name);
		});
		try {
			await orAbort(previous, signal).catch((cause: unknown) => {
				throw new SourceBroken('gave up waiting', { cause });
			});
			return await work();
		} finally {
			finish(undefined);
		}
	}
}
