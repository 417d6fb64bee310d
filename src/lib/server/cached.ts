/**
 * Asks at most once per period, and once for all who ask at the same time. What failed is an answer as
 * well: whoever is away is not asked more often.
 */
export function cached<T>(freshMs: number, ask: () => Promise<T>): () => Promise<T> {
	let answer: Promise<T> | undefined;
	let askedAt = -Infinity;
	return () => {
		if (!answer || performance.now() - askedAt > freshMs) {
			askedAt = performance.now();
			answer = ask();
		}
		return answer;
	};
}
