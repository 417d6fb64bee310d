import type { QueueClock } from './change-queue.ts';

const ID_BYTES = 12;

/** The clock of this device, set by the server's. */
export interface DeviceClock extends QueueClock {
	/** @param serverNow milliseconds since 1970, as the server just said */
	set(serverNow: number): void;
}

export function deviceClock(): DeviceClock {
	let aheadMs = 0;
	return {
		now: () => Date.now() + aheadMs,
		// `randomUUID` is missing where the site is opened without https
		newId: () =>
			Array.from(crypto.getRandomValues(new Uint8Array(ID_BYTES)), (byte) =>
				byte.toString(16).padStart(2, '0')
			).join(''),
		random: Math.random,
		set: (serverNow) => {
			aheadMs = serverNow - Date.now();
		}
	};
}
