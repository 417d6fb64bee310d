import type { Listening } from './listening.svelte.ts';
import type { PlayerAction } from './player-keys.ts';
import type { Player } from './player.svelte.ts';

const SEEK_STEP_S = 5;
const VOLUME_STEP = 0.05;

/** Does what a key stands for. @returns whether there was anything to do */
export function doAction(action: PlayerAction, listening: Listening, player: Player): boolean {
	if (action === 'queue') {
		listening.isPanelOpen = !listening.isPanelOpen;
		return true;
	}
	if (action === 'keys') {
		listening.isKeyListOpen = true;
		return true;
	}
	// what is to be played may not be known yet
	const isThere = player.track || (action === 'toggle' && listening.current);
	if (!isThere) return false;
	const acts: Record<Exclude<PlayerAction, 'queue' | 'keys'>, () => void> = {
		toggle: () => listening.toggle(),
		previous: () => listening.previous(),
		next: () => listening.next(),
		back: () => player.seekBy(-SEEK_STEP_S),
		forward: () => player.seekBy(SEEK_STEP_S),
		louder: () => player.setVolume(player.volume + VOLUME_STEP),
		quieter: () => player.setVolume(player.volume - VOLUME_STEP),
		mute: () => player.toggleMute(),
		shuffle: () => listening.toggleShuffle(),
		repeat: () => listening.cycleRepeat()
	};
	acts[action]();
	return true;
}
