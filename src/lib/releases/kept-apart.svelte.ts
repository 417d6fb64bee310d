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

	/** by the name of the field */
	readonly values = $derived.by((): ReadonlyMap<string, unknown> => {
		const named = [...fieldsOf(this.#change)];
		return new Map(named.map(([name, value]) => (isPlace(name) ? [ORDER, null] : [name, value])));
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
