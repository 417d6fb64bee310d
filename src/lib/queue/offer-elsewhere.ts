import type { Elsewhere, Listening } from '#lib/player/listening.svelte.ts';
import type { Player } from '#lib/player/player.svelte.ts';
import type { PlayheadJson } from './playhead-line.ts';

const LOOK_EVERY_MS = 1_000;
/** Who listened somewhere else longer ago than this does not mean to go on there. */
const FORGOTTEN_AFTER_MS = 7 * 86_400_000;
/** Nearer than this is the same place. */
const NEAR_SECONDS = 5;
/** A device that plays says so every ten seconds; one that has been quiet for longer was cut off. */
const SILENT_AFTER_MS = 30_000;

interface ElsewhereOffer {
	/** the queue may have changed */
	look: () => void;
	hear: (playhead: PlayheadJson) => void;
	stop: () => void;
}

/**
 * Offers on this page the place of another device, as long as nothing plays here and it is another
 * place than the one here. It is never gone to by itself.
 */
export function offerElsewhere(
	listening: Listening,
	player: Player,
	{ deviceId, now }: { deviceId: string; now: () => number }
): ElsewhereOffer {
	let heard: PlayheadJson | null = null;
	/** item whose place is not wanted here */
	let dismissed: string | null = null;
	listening.dismissElsewhere = () => {
		dismissed = heard?.item_id ?? null;
		look();
	};

	function offer(): Elsewhere | null {
		if (!heard) return null;
		const seconds = positionOf(heard, now());
		return isWorthIt(heard, seconds) ? placeOf(heard, seconds) : null;
	}

	function look(): void {
		const next = offer();
		// nothing is drawn anew that says the same
		if (JSON.stringify(next) !== JSON.stringify(listening.elsewhere)) listening.elsewhere = next;
	}

	function isWorthIt(playhead: PlayheadJson, seconds: number): boolean {
		const { current, queue } = listening;
		if (playhead.item_id === dismissed) return false;
		if (player.isGoing || now() - playhead.at > FORGOTTEN_AFTER_MS) return false;
		if (!queue.items.some(({ id }) => id === playhead.item_id)) return false;
		const isHere = current?.id === playhead.item_id;
		return !isHere || Math.abs(seconds - player.positionSeconds) > NEAR_SECONDS;
	}

	const timer = setInterval(look, LOOK_EVERY_MS);
	return {
		look,
		hear(playhead: PlayheadJson): void {
			// who plays here has the newest place themselves
			heard = playhead.device_id === deviceId ? null : playhead;
			look();
		},
		stop(): void {
			clearInterval(timer);
			listening.elsewhere = null;
		}
	};
}

const placeOf = (playhead: PlayheadJson, seconds: number): Elsewhere => ({
	...{ itemId: playhead.item_id, trackId: playhead.track_id, deviceName: playhead.device_name },
	positionSeconds: Math.floor(seconds)
});

/** Where that device is by now, in seconds. */
function positionOf({ position_ms: ms, is_playing: isPlaying, at }: PlayheadJson, now: number) {
	const passed = isPlaying ? Math.min(Math.max(0, now - at), SILENT_AFTER_MS) : 0;
	return (ms + passed) / 1_000;
}
