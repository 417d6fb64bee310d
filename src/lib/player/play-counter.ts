import { Listened } from './listened.ts';
import type { Player } from './player.svelte.ts';

/** What is told when a track was listened to for long enough: `reportPlay`. */
export type Report = (
	trackId: number,
	listenedSeconds: number,
	/** the listen itself, which goes on: what it comes to is told with the next one */
	listen: Readonly<Pick<Listened, 'seconds'>>
) => unknown;

/** What is looked at of the player. */
export type Heard = Pick<Player, 'positionSeconds' | 'status' | 'speed'> & {
	track: { id: number; durationMs: number | null } | null;
};

/** Watches what is really heard of the tracks that are played, and reports each listen once. */
export class PlayCounter {
	#trackId: number | undefined;
	#listened = new Listened(0);
	readonly #report: Report;

	constructor(report: Report) {
		this.#report = report;
	}

	/** To be called whenever the player was looked at. */
	look({ track, positionSeconds, status, speed }: Heard): void {
		if (!track) return;
		if (track.id !== this.#trackId) {
			this.#trackId = track.id;
			this.#listened = new Listened((track.durationMs ?? 0) / 1000);
		}
		const isPlaying = status === 'playing';
		const nowMs = performance.now();
		const seconds = this.#listened.feed({ positionSeconds, isPlaying, nowMs, rate: speed });
		if (seconds !== null) void this.#report(track.id, seconds, this.#listened);
	}
}
