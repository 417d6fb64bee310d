import type { KeptDraft } from './kept-draft.ts';
import { fieldsOf, isPlace, onlyFields, ORDER } from './release-change.ts';
import type { ReleaseChange } from './release.ts';

/**
 * What was typed in this browser earlier and has found something newer on the server: it is shown
 * until its artist uses or drops it, and written over nothing before.
 */
export class KeptApart {
	#change = $state.raw<ReleaseChange>({});
	#kept: KeptDraft;

	constructor(kept: KeptDraft) {
		this.#kept = kept;
	}

	/** each field with what was typed into it; the places of all the files are one */
	readonly values = $derived.by((): [field: string, value: unknown][] => {
		const named = [...fieldsOf(this.#change)];
		const others = named.filter(([name]) => !isPlace(name));
		return others.length < named.length ? [...others, [ORDER, null]] : others;
	});

	look(): void {
		this.#change = this.#kept.apart;
	}

	/** Its artist has decided. @returns what was typed */
	take(field: string): ReleaseChange {
		const taken = onlyFields(
			this.#change,
			(name) => name === field || (field === ORDER && isPlace(name))
		);
		this.#kept.forgetApart(taken);
		this.look();
		return taken;
	}
}
