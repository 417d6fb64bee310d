import { forget, readStored, store, storedNames } from '#lib/safe-storage.ts';
import { keptFromJson, keptToJson } from './kept-unsent.ts';
import type { KeptQueue } from './queue-sync.ts';

/**
 * What could not be sent of an account's queue, in this browser. Each page has a place of its own:
 * one that has nothing to keep must not take away what another one left.
 */
export class UnsentStore {
	readonly #own: string;
	/** what earlier pages left, by the name it has, until it is sent */
	#left: [name: string, value: string][];

	/** @param pageId of this page, and of no other one */
	constructor(did: string, pageId: string) {
		// a did has no such character, so none begins with another
		const prefix = `queue_unsent:${did}#`;
		this.#own = prefix + pageId;
		this.#left = storedNames(prefix)
			.filter((name) => name !== this.#own)
			.map((name) => [name, readStored(name) ?? '']);
	}

	/** What earlier pages left, the newest first; what is not understood is forgotten. */
	read(): KeptQueue[] {
		const found = this.#left.flatMap(([, value]) => keptFromJson(value) ?? []);
		return found.sort((a, b) => b.base.revision - a.base.revision);
	}

	/** Keeps it for the next page; what earlier ones left is in it. @returns whether there was room */
	keep(kept: KeptQueue): boolean {
		const isKept = store(this.#own, JSON.stringify(keptToJson(kept)));
		if (isKept) this.#forgetLeft();
		return isKept;
	}

	/** Everything is sent. */
	forget(): void {
		forget(this.#own);
		this.#forgetLeft();
	}

	#forgetLeft(): void {
		for (const [name, value] of this.#left) {
			// a page that lives yet may have left more there since
			if (readStored(name) === value) forget(name);
		}
		this.#left = [];
	}
}
