import type { Viewer } from '#lib/auth/viewer.ts';
import { loadOnce } from '#lib/load-once.ts';
import type { Listening } from '#lib/player/listening.svelte.ts';
import type { Player } from '#lib/player/player.svelte.ts';
import type { Toasts } from '#lib/toasts/toasts.svelte.ts';
import type { DeviceClock } from './device-clock.ts';
import { hasKeptQueue, isOfQueue } from './kept-queue.ts';
import { isPanelRemembered } from './panel-memory.ts';

const loadForAccount = loadOnce(() => import('./account-queue.ts'));
const loadForBrowser = loadOnce(() => import('./browser-queue.ts'));

/** What keeps a queue, so that it is there before a queue has to be kept. */
export const loadQueueKeeper = (viewer: Viewer | null): Promise<unknown> =>
	viewer ? loadForAccount() : loadForBrowser();

/** What a queue needs to live on a page. */
export interface QueueParts {
	listening: Listening;
	player: Player;
	toasts: Toasts;
	clock: DeviceClock;
	/** the sign-in this page was made for has ended elsewhere */
	signedOut: () => void;
}

/**
 * Keeps the queue of a page: with the account of who is signed in, else in this browser. What that
 * takes is fetched when it is needed: who comes for the first time has no queue. @returns how to stop
 */
export function keepQueue(viewer: Viewer | null, parts: QueueParts): () => void {
	let stop: (() => void) | undefined;
	let isBegun = false;
	let isOver = false;
	async function begin(): Promise<void> {
		if (isBegun) return;
		isBegun = true;
		const keep = viewer
			? (await loadForAccount()).keepWithAccount
			: (await loadForBrowser()).keepInBrowser;
		if (!isOver) stop = keep({ ...parts, did: viewer?.did ?? '' });
	}
	const tryToBegin = () => {
		// without it the queue is this page's own, until something is done with it again
		begin().catch(() => (isBegun = false));
	};
	// another tab has begun one
	const look = ({ key }: StorageEvent) => {
		if (isOfQueue(key)) tryToBegin();
	};
	if (viewer || hasKeptQueue()) tryToBegin();
	if (isPanelRemembered()) parts.listening.openPanelWithPage();
	parts.listening.onChange = tryToBegin;
	addEventListener('storage', look);
	return () => {
		isOver = true;
		removeEventListener('storage', look);
		stop?.();
	};
}
