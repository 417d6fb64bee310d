/** What a browser keeps, for tests of what is written into it: a fresh one each time. */
export function useMemoryStorage(): void {
	const kept: Record<string, string> = {};
	const methods = {
		getItem: (name: string) => kept[name] ?? null,
		setItem: (name: string, value: string) => void (kept[name] = value),
		removeItem: (name: string) => void Reflect.deleteProperty(kept, name)
	};
	// the names that are kept are its own properties, as a browser's are
	const storage = new Proxy(kept, {
		get: (_, name) => methods[name as keyof typeof methods] as unknown
	});
	Object.defineProperty(globalThis, 'localStorage', { configurable: true, value: storage });
}
