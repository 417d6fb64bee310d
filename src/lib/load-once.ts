/**
 * A script that is fetched when it is needed first; after a failure, when it is needed again. Once it is
 * there this costs no turn of the browser, which an `import` always does.
 */
export function loadOnce<T>(load: () => Promise<T>): () => Promise<T> {
	let loading: Promise<T> | undefined;
	return () =>
		(loading ??= load().catch((cause: unknown) => {
			loading = undefined;
			throw cause;
		}));
}
