import { forget, readStored, store } from '#lib/safe-storage.ts';

const NAME = 'queue_open';
/** Beside the page it may be there from the start; on a phone it would lie over the page. */
const BESIDE = '(min-width: 48.01rem)';

/** Whether the queue was left open, and may be opened with the page. */
export const isPanelRemembered = (): boolean =>
	readStored(NAME) === 'yes' && matchMedia(BESIDE).matches;

/** Keeps for the next page whether it is open. @returns whether somebody did something on this page yet */
export function rememberPanel(isOpen: boolean): boolean {
	if (isOpen) store(NAME, 'yes');
	else forget(NAME);
	return (navigator as Partial<Navigator>).userActivation?.hasBeenActive ?? true;
}
