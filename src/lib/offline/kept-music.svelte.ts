import type { Toasts } from '#lib/toasts/toasts.svelte.ts';
import { keptAlbums } from './kept-albums.ts';
import type { Keeper } from './keeper.svelte.ts';

/**
 * The music that is kept in this browser. Made once, in the root layout, so that going to another page
 * disturbs nothing. What does the work is fetched where there is any.
 */
export class KeptMusic {
	/** null: not fetched yet */
	keeper = $state.raw<Keeper | null>(null);
	readonly #toasts: Toasts;

	constructor(toasts: Toasts) {
		this.#toasts = toasts;
	}

	/** What brings music here. @throws when it cannot be fetched; asking again may work */
	async load(): Promise<Keeper> {
		const { Keeper } = await import('./keeper.svelte.ts');
		this.keeper ??= new Keeper(this.#toasts);
		return this.keeper;
	}

	/** Goes on with what an earlier page did not finish. @returns how to stop */
	resume(): () => void {
		// it is asked again with the next page
		if (keptAlbums().length > 0) {
			this.load().then(
				(keeper) => keeper.resume(),
				() => undefined
			);
		}
		return () => this.keeper?.dispose();
	}
}
