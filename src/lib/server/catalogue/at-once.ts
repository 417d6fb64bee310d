/** Does something with each, a few at a time. @throws the first error; nothing is begun after it */
export async function eachAtOnce<T>(
	items: readonly T[],
	limit: number,
	act: (item: T) => Promise<void>
): Promise<void> {
	const queue = items[Symbol.iterator]();
	let failed: { cause: unknown } | undefined;
	const work = async () => {
		for (const item of queue) {
			if (failed) return;
			try {
				await act(item);
			} catch (cause) {
				failed ??= { cause };
			}
		}
	};
	await Promise.all(Array.from({ length: limit }, work));
	if (failed) throw failed.cause;
}
