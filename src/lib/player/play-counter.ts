import { Listened } from './listened.ts';
import type { Player } from './player.svelte.ts';

/** What is told when a track was listened to for long enough: `reportPlay`. */
export type Report = (trackId: number, listenedSeconds: number) => unknown;

/** Watches what is really heard of the tracks that are played, and reports each listen once. */
export class PlayCounter {
	#trackId: number | undefined;
	#listened = new Listened(0);
	readonly #report: Report;

	constructor(report: Report) {
		this.#report = report;
	}

	/** To be called whenever the player was looked at. */
	look({ track, positionSeconds, status, speed }: Player): void {
		if (!track) return;
		if (track.id !== this.#trackId) {
			this.#trackId = track.id;
			this.#listened = new Listened((track.durationMs ?? 0) / 1000);
		}
		const isPlaying = status === 'playing';
		const nowMs = performance.now();
		const seconds = this.#listened.feed({ positionSeconds, isPlaying, nowMs, rate: speed });
		if (seconds !== null) void this.#report(track.id, seconds);
	}
}
