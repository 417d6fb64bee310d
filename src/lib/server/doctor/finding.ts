/** What an examination of one part came to. */
export interface Finding {
	/** the part, in one or two words */
	part: string;
	/** `note`: it works, and whoever runs the site should know all the same */
	state: 'ok' | 'note' | 'fault';
	/** a sentence, lower case, without its full stop */
	says: string;
	/** what helps, a sentence; of a fault or a note */
	cure?: string;
}

export const ok = (part: string, says: string): Finding => ({ part, state: 'ok', says });

export const note = (part: string, says: string, cure: string): Finding => ({
	part,
	state: 'note',
	says,
	cure
});

export const fault = (part: string, says: string, cure: string): Finding => ({
	part,
	state: 'fault',
	says,
	cure
});

/** An error and what caused it, the names and codes among them too: what a cure is looked up by. */
export function reasonOf(cause: unknown): string {
	const parts: string[] = [];
	for (let one: unknown = cause; one instanceof Error && parts.length < 6; one = one.cause) {
		const code = 'code' in one && typeof one.code === 'string' ? one.code : undefined;
		const name = one.name === 'Error' ? undefined : one.name;
		const said = [name ?? code, one.message].filter((part) => part !== undefined && part !== '');
		parts.push(said.join(': '));
		if (one instanceof AggregateError && one.cause === undefined) one.cause = one.errors[0];
	}
	return parts.length > 0 ? parts.join(', because ') : String(cause);
}

/** Waits for `action` no longer than `limitMs`. @throws Error that says so */
export async function within<T>(limitMs: number, action: Promise<T>): Promise<T> {
	let timer: NodeJS.Timeout | undefined;
	const limit = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new Error(`no answer within ${limitMs / 1000} s`)), limitMs);
	});
	try {
		return await Promise.race([action, limit]);
	} finally {
		clearTimeout(timer);
	}
}
