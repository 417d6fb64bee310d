import { readStored, store } from '#lib/safe-storage.ts';
import { whenLeaving } from '#lib/player/keep-listening.ts';
import type { Listening } from '#lib/player/listening.svelte.ts';
import type { Player } from '#lib/player/player.svelte.ts';
import { deviceName } from './device-name.ts';

const LOOK_EVERY_MS = 1_000;
/** So often a device that plays says where it is; others count on from there. */
const TELL_EVERY_MS = 10_000;
/** The place went on otherwise than by playing. */
const JUMP_SECONDS = 3;

/** Where playback is on one device, as it travels. */
export interface PlayheadJson {
	item_id: string;
	track_id: number;
	position_ms: number;
	is_playing: boolean;
	device_id: string;
	device_name: string;
	/** milliseconds since 1970, by the server's clock */
	at: number;
}

/** The id of this browser among the devices of a person; a new one where nothing can be kept. */
export function ownDeviceId(newId: () => string): string {
	const kept = readStored('device_id');
	if (kept && /^[\w-]{1,64}$/.test(kept)) return kept;
	const id = newId();
	store('device_id', id);
	return id;
}

/**
 * Tells the server where playback is on this device: when it begins, stops or jumps, now and then
 * while it goes on, and when the page is left. Who only looks tells nothing.
 * @param isQueueKept whether the server has a queue to be anywhere in
 * @returns how to stop
 */
export function tellPlayhead(
	listening: Listening,
	player: Player,
	deviceId: string,
	isQueueKept: () => boolean
): () => void {
	const name = deviceName(navigator.userAgent);
	let told: { itemId: string; isGoing: boolean; seconds: number; at: number } | null = null;

	function look(isLast = false): void {
		const { current } = listening;
		if (!current || player.track?.id !== current.trackId || !isQueueKept()) return;
		const { isGoing } = player;
		// what is only shown here is somebody else's place
		if (!isGoing && !told?.isGoing) return;
		const now = { itemId: current.id, isGoing, seconds: player.positionSeconds, at: Date.now() };
		if (!isLast && told && !isNews(told, now)) return;
		told = now;
		send(current.id, current.trackId);
	}

	function send(itemId: string, trackId: number): void {
		const body: Omit<PlayheadJson, 'at'> = {
			...{ item_id: itemId, track_id: trackId },
			position_ms: Math.round(player.positionSeconds * 1_000),
			...{ is_playing: player.isGoing, device_id: deviceId, device_name: name }
		};
		// it is told again soon, or is old then: an answer is not waited for
		fetch('/api/queue/playhead', {
			method: 'PUT',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify(body),
			keepalive: true
		}).catch(() => undefined);
	}

	const timer = setInterval(look, LOOK_EVERY_MS);
	const stopLeaving = whenLeaving(() => look(true));
	return () => {
		clearInterval(timer);
		stopLeaving();
	};
}

function isNews(
	told: { itemId: string; isGoing: boolean; seconds: number; at: number },
	now: { itemId: string; isGoing: boolean; seconds: number; at: number }
): boolean {
	if (told.itemId !== now.itemId || told.isGoing !== now.isGoing) return true;
	const passed = (now.at - told.at) / 1_000;
	const expected = told.seconds + (now.isGoing ? passed : 0);
	return passed * 1_000 >= TELL_EVERY_MS || Math.abs(now.seconds - expected) > JUMP_SECONDS;
}
