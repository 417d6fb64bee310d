import { forget, readStored, store } from '#lib/safe-storage.ts';

const NAME = 'queue_open';
/** Beside the page it may be there from the start; on a phone it would lie over the page. */
const BESIDE = '(min-width: 48.01rem)';

/** It opens by itself now, for nobody who is at it. */
let comesWithPage = false;

/** Whether the queue was left open, and opens with the page: for nobody, then. */
export function reopensPanel(): boolean {
	comesWithPage = readStored(NAME) === 'yes' && matchMedia(BESIDE).matches;
	return comesWithPage;
}

/** Keeps for the next page whether it is open. @returns whether it is somebody on this page who did that */
export function rememberPanel(isOpen: boolean): boolean {
	if (isOpen) store(NAME, 'yes');
	else forget(NAME);
	const isTheirs = !comesWithPage;
	comesWithPage = false;
	return isTheirs;
}
