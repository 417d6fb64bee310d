import { forget, readStored, store } from '#lib/safe-storage.ts';

const NAME = 'uploads_under_way';

/**
 * Whether this browser has seen uploads under way that it has not seen end: a page that is loaded
 * anew looks after them, and listeners are not asked anything.
 */
export const isUnderWay = (): boolean => readStored(NAME) !== null;

export function noteUnderWay(isSo: boolean): void {
	if (isSo === isUnderWay()) return;
	if (isSo) store(NAME, 'yes');
	else forget(NAME);
}
