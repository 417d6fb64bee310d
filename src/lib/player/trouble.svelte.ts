import { type Failure, failureReasons, firstFailure, SLOW_REASON } from './playback-failure.ts';
import type { PlaybackStatus } from './playback-status.ts';
import { StallWatch } from './stall-watch.ts';

/** What is asked to know why something fails; a test brings its own. */
export interface TroubleEnvironment {
	isOnline(): boolean;
	closerFailure(url: string, errorCode: number): Promise<Failure>;
	/** tells the operator */
	report(failure: Failure): void;
}

/** What it has to do with. */
export interface TroubleEvents {
	/** another number whenever more has arrived of what is waited for */
	arrived(): number;
	/** nothing has arrived for so long that it is as good as an error */
	stalled(): void;
	/** called once for each load that fails, when it is known why */
	failed(failure: Failure): void;
}

/** What keeps the loaded track from being heard: notices it, and says why. */
export class Trouble {
	/** a sentence; null: there is none */
	reason = $state<string | null>(null);
	/** counts loads: an answer that belongs to a former one is dropped */
	#loads = 0;
	readonly #stall: StallWatch;
	readonly #environment: TroubleEnvironment;
	readonly #events: TroubleEvents;

	constructor(environment: TroubleEnvironment, events: TroubleEvents) {
		this.#environment = environment;
		this.#events = events;
		this.#stall = new StallWatch(() => events.arrived(), {
			slow: () => (this.reason ??= SLOW_REASON),
			stalled: () => {
				events.stalled();
				this.#tell(environment.isOnline() ? 'stalled' : 'offline');
			}
		});
	}

	/** Something else is loaded, or the same anew. */
	begin(): void {
		this.#loads += 1;
		this.#stall.stop();
		this.reason = null;
	}

	/** To be called whenever the player was looked at. */
	look(status: PlaybackStatus): void {
		this.#stall.look(status === 'loading');
		const isOver = status === 'paused' && this.reason === SLOW_REASON;
		if (status === 'playing' || isOver) this.reason = null;
	}

	/** The element failed: says at once what can be said, and more when the server was asked. */
	explain(url: string, errorCode: number): void {
		const load = this.#loads;
		const first = firstFailure(errorCode, this.#environment.isOnline());
		this.reason = failureReasons[first];
		if (first === 'offline') {
			this.#tell(first);
			return;
		}
		void this.#environment.closerFailure(url, errorCode).then((failure) => {
			if (load === this.#loads) this.#tell(failure);
		});
	}

	#tell(failure: Failure): void {
		this.reason = failureReasons[failure];
		this.#environment.report(failure);
		this.#events.failed(failure);
	}
}
