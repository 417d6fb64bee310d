/**
 * The browser's local storage for those who can do without it. Reading the property itself throws
 * in a sandboxed frame or with site data blocked, writing throws when it is full: whoever asks here
 * gets null, and what was to be kept is not.
 */
function localStorageOrNull(): Storage | null {
	const scope: { localStorage?: Storage } = globalThis;
	try {
		return scope.localStorage ?? null;
	} catch {
		return null;
	}
}

/** What was kept under the name, or null. */
export function readStored(name: string): string | null {
	try {
		return localStorageOrNull()?.getItem(name) ?? null;
	} catch {
		return null;
	}
}

/** Keeps a value; says whether that worked. */
export function store(name: string, value: string): boolean {
	try {
		const storage = localStorageOrNull();
		storage?.setItem(name, value);
		return storage !== null;
	} catch {
		return false;
	}
}

/** Forgets a value. */
export function forget(name: string): void {
	try {
		localStorageOrNull()?.removeItem(name);
	} catch {
		return;
	}
}

/** The names that begin with `prefix`. */
export function storedNames(prefix: string): string[] {
	try {
		return Object.keys(localStorageOrNull() ?? {}).filter((name) => name.startsWith(prefix));
	} catch {
		return [];
	}
}
