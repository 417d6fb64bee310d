/** Runs an action later. @returns how to call it off */
export function later(delayMs: number, action: () => void): () => void {
	const timer = setTimeout(action, delayMs);
	return () => clearTimeout(timer);
}
