import { keepPosition } from '#lib/queue/kept-queue.ts';
import { AudibleTab } from './audible-tab.ts';
import type { Listening } from './listening.svelte.ts';
import type { Player } from './player.svelte.ts';

const POSITION_EVERY_MS = 5_000;

/** Lets the page's last moments be used. @returns how to call it off */
export function whenLeaving(act: () => void): () => void {
	const ifHidden = () => {
		if (document.visibilityState === 'hidden') act();
	};
	addEventListener('pagehide', act);
	document.addEventListener('visibilitychange', ifHidden);
	return () => {
		removeEventListener('pagehide', act);
		document.removeEventListener('visibilitychange', ifHidden);
	};
}

/**
 * Lets this tab sound only while no other does: what begins here is not heard before the tab that
 * sounded is quiet, which takes some milliseconds, and is paused when another tab begins.
 * @returns the right to sound, to be given back when nothing is played
 */
export function soundAlone(player: Player): AudibleTab {
	const tab = new AudibleTab({
		granted: () => player.holdBack(false),
		// also what failed and is to be tried again; what is paused stays as it is
		taken: () => {
			if (player.isWanted || player.isGoing) player.giveWay();
		}
	});
	player.onStart = () => {
		if (tab.isOurs) return;
		player.holdBack(true);
		tab.claim();
	};
	return tab;
}

/** Keeps in this browser where playback is, for the next page. @returns how to stop */
export function keepPlace(listening: Listening, player: Player): () => void {
	const keep = () => {
		const { current } = listening;
		if (current && player.track?.id === current.trackId) {
			keepPosition(current.id, player.status === 'ended' ? 0 : player.positionSeconds);
		}
	};
	const timer = setInterval(() => {
		if (player.isGoing) keep();
	}, POSITION_EVERY_MS);
	const stop = whenLeaving(keep);
	return () => {
		clearInterval(timer);
		stop();
	};
}
