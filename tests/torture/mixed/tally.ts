/** A request that did not end as it should. */
export interface Failure {
	/** when it was sent, ms since 1970 */
	at: number;
	ms: number;
	who: string;
	method: string;
	path: string;
	/** 0: no answer, or one that broke off */
	status: number;
	reason: string;
	/** the product's own code in the browser tries it again by itself */
	isRepeated: boolean;
}

/** Counts every request of everybody. */
export class Tally {
	requests = 0;
	readonly failures: Failure[] = [];
	/** of those that were well: how long they took, by what they were, in ms */
	readonly times = new Map<string, number[]>();

	well(what: string, ms: number): void {
		this.requests++;
		const times = this.times.get(what) ?? [];
		times.push(ms);
		this.times.set(what, times);
	}

	failed(failure: Failure): void {
		this.requests++;
		this.failures.push(failure);
	}

	/** What people see: what is tried again by itself is not among it. */
	get errors(): Failure[] {
		return this.failures.filter(({ isRepeated }) => !isRepeated);
	}
}

/** The value below which that share of some numbers is; 0 of none. */
export function quantile(numbers: readonly number[], share: number): number {
	const sorted = numbers.toSorted((a, b) => a - b);
	return Math.round(sorted[Math.ceil(sorted.length * share) - 1] ?? 0);
}

/** One address for all tracks, people and files. */
export const routeOf = (path: string): string =>
	path
		.replace(/\?.*/, '')
		.replace(/^\/_app\/.*/, '/_app/…')
		.replace(/\/(?:\d+|[\da-f]{16}|[\da-f-]{36}|did:[^/]+)(?=\/|\.|$)/g, '/…')
		.replace(/^\/u\/[^/]+(?:\/album\/[^/]+)?/, (all) =>
			all.includes('/album/') ? '/u/…/album/…' : '/u/…'
		);
