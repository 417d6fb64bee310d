import type { Component } from 'svelte';
import { isFirstPage } from './first-page.ts';

/**
 * A part of a page that the server renders, and of which a browser fetches the script when somebody
 * comes to it: until then it costs a visitor nothing but its HTML. `ShownIsland` shows it. Each has a
 * file of its own, `<part>-island.ts`: so the build knows that the page begins with its styles.
 */
export class Island<Props extends object> {
	/** undefined until it is fetched */
	component: Component<Props> | undefined;
	#fetch: () => Promise<{ default: Component<Props> }>;

	constructor(fetch: () => Promise<{ default: Component<Props> }>) {
		this.#fetch = fetch;
	}

	/** @throws when it cannot be fetched; asking again may work */
	async load(): Promise<Component<Props>> {
		this.component = (await this.#fetch()).default;
		return this.component;
	}

	/**
	 * Awaited where the island is made. On the server it has to be there; on a page somebody goes to
	 * later it stands where it belongs at once. The first page of a visit does not wait for it.
	 */
	async prepare(): Promise<void> {
		if (import.meta.env.SSR) await this.load();
		// what cannot be fetched now is fetched when it is shown
		else if (!isFirstPage()) await this.load().catch(() => undefined);
	}
}
