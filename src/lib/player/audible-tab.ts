import { type Channel, openChannel } from '#lib/open-channel.ts';

/** The name of the right to sound, and of the line on which tabs ask each other for it. */
const NAME = 'plyr-sound';
/** A tab that was asked and has not gone quiet by then is stuck: the right is taken from it. */
const PATIENCE_MS = 300;

/** What a tab is told. */
export interface AudibleTabEvents {
	/** it may sound now */
	granted(): void;
	/** another tab is to sound: go quiet, at once */
	taken(): void;
}

/** The parts of the browser it needs; a browser has no locks for a page that came without https. */
export interface AudibleTabEnvironment {
	locks: Pick<LockManager, 'request'> | undefined;
	channel: Channel;
}

const browser = (): AudibleTabEnvironment => ({
	locks: (navigator as Partial<Navigator>).locks,
	channel: openChannel(NAME)
});

/**
 * Of all tabs of this browser one may sound: the one in which somebody pressed play last. The right
 * to it is a Web Lock, so it ends with its tab, however that ends. A tab that wants it asks the
 * others to go quiet, and sounds when the lock is free.
 */
export class AudibleTab {
	/** when the right was asked for here, with a fraction that no other tab has; null: it was not */
	#claimedAt: number | null = null;
	#isOurs = false;
	/** ends the holding, or the waiting */
	#end = () => {};
	readonly #events: AudibleTabEvents;
	readonly #environment: AudibleTabEnvironment;

	constructor(events: AudibleTabEvents, environment = browser()) {
		this.#events = events;
		this.#environment = environment;
		environment.channel.onmessage = ({ data }: MessageEvent<number>) => {
			// of two that asked at the same time the later one gets it. who has failed and is about to try
			// again has given the right back, and is not to sound any more either
			if (data > (this.#claimedAt ?? 0)) this.#giveWay();
		};
	}

	/** Whether this tab may sound. */
	get isOurs(): boolean {
		return this.#isOurs;
	}

	/** Asks for the right to sound; nothing happens when it was asked for already. */
	claim(): void {
		if (this.#claimedAt !== null) return;
		this.#claimedAt = Date.now() + Math.random();
		const { locks, channel } = this.#environment;
		channel.postMessage(this.#claimedAt);
		if (!locks) {
			this.#grant();
			return;
		}
		const waiting = new AbortController();
		const impatience = setTimeout(() => {
			waiting.abort();
			this.#hold(locks, { steal: true });
		}, PATIENCE_MS);
		this.#end = () => {
			clearTimeout(impatience);
			waiting.abort();
		};
		this.#hold(locks, { signal: waiting.signal });
	}

	/** Gives the right back: nothing sounds here any more. */
	release(): void {
		this.#claimedAt = null;
		this.#isOurs = false;
		this.#end();
		this.#end = () => {};
	}

	dispose(): void {
		this.release();
		this.#environment.channel.close();
	}

	#hold(locks: Pick<LockManager, 'request'>, options: LockOptions): void {
		const claim = this.#claimedAt;
		const hold = () =>
			new Promise<void>((resolve) => {
				if (claim === null || claim !== this.#claimedAt) {
					resolve();
					return;
				}
				// the clock is stopped, and there is nothing to wait for
				this.#end();
				this.#end = resolve;
				this.#grant();
			});
		locks.request(NAME, options, hold).catch((cause: unknown) => {
			if (claim === null || claim !== this.#claimedAt) return;
			const isAborted = cause instanceof DOMException && cause.name === 'AbortError';
			// stolen by a tab that had no answer from here; or called off by ourselves
			if (isAborted && this.#isOurs) this.#giveWay();
			// where site data is blocked nobody gets a lock: that is no reason to be silent
			if (!isAborted && !this.#isOurs) {
				this.#end();
				this.#grant();
			}
		});
	}

	#grant(): void {
		this.#isOurs = true;
		this.#events.granted();
	}

	#giveWay(): void {
		this.#events.taken();
		this.release();
	}
}
