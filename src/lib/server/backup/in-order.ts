/**
 * Does something with each, a few at a time, and gives what came of it in the order of the items.
 * @throws the first error in that order, when all that was begun has ended
 */
export async function* inOrder<T, R>(
	items: AsyncIterable<T>,
	atOnce: number,
	act: (item: T) => Promise<R>
): AsyncGenerator<R, void> {
	const running: Promise<R>[] = [];
	try {
		for await (const item of items) {
			const one = act(item);
			// heard of when its turn comes
			one.catch(() => undefined);
			running.push(one);
			const [first] = running;
			if (first === undefined || running.length < atOnce) continue;
			yield await first;
			void running.shift();
		}
		for (let first = running[0]; first !== undefined; first = running[0]) {
			yield await first;
			void running.shift();
		}
	} finally {
		await Promise.allSettled(running);
	}
}
