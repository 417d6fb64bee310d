import { mount, unmount } from 'svelte';
import SearchPalette from './SearchPalette.svelte';

let isOpen = false;

/** Opens the search over the page, unless it is open. */
export function openPalette(): void {
	if (isOpen) return;
	isOpen = true;
	const palette = mount(SearchPalette, {
		target: document.body,
		props: {
			onclose: () => {
				isOpen = false;
				void unmount(palette);
			}
		}
	});
}
