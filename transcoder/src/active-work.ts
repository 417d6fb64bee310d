/** Nobody is left to answer. */
export class ClientGone extends Error {
	override readonly name = 'ClientGone';
}

/** Every request at work, so that the service can end them all. */
export class ActiveWork {
	readonly #ends = new Map<AbortController, Promise<void>>();

	/** Keeps track of `work` until it settles. */
	async track<Result>(controller: AbortController, work: () => Promise<Result>): Promise<Result> {
		const running = work();
		const ended = running.then(
			() => undefined,
			() => undefined
		);
		this.#ends.set(controller, ended);
		try {
			return await running;
		} finally {
			this.#ends.delete(controller);
		}
	}

	/** Ends all work and waits until its programs and folders are gone. */
	async stop(): Promise<void> {
		const ends = [...this.#ends.values()];
		for (const controller of this.#ends.keys()) {
			controller.abort(new ClientGone('the service is stopping'));
		}
		await Promise.all(ends);
	}
}
