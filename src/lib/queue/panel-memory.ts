import { forget, readStored, store } from '#lib/safe-storage.ts';

const NAME = 'queue_open';
/** Beside the page it may be there from the start; on a phone it would lie over the page. */
const BESIDE = '(min-width: 48.01rem)';

/** Whether the queue was left open, and opens with the page. */
export const isPanelRemembered = (): boolean =>
	readStored(NAME) === 'yes' && matchMedia(BESIDE).matches;

/** Keeps for the next page whether it is open. */
export function rememberPanel(isOpen: boolean): void {
	if (isOpen) store(NAME, 'yes');
	else forget(NAME);
}
