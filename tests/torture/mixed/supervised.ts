import { setTimeout as sleep } from 'node:timers/promises';
import { Killable, type KillableOptions } from '../killable.ts';

export type Ending = 'SIGKILL' | 'SIGTERM';

/** A time without a process that answers, in ms since 1970. */
export interface Gap {
	from: number;
	until: number;
}

/** A process that is started again by itself whenever it ended, as systemd and docker do. */
export class Supervised {
	readonly name: string;
	readonly #process: Killable;
	/** how often it was ended in which way */
	readonly endings: Record<Ending, number> = { SIGKILL: 0, SIGTERM: 0 };
	/** every end that was asked for and did not come to 0, and every start that failed */
	readonly troubles: string[] = [];
	readonly gaps: Gap[] = [];
	#goneSince: number | null = null;
	#isBack: Promise<void> = Promise.resolve();

	constructor(name: string, options: KillableOptions) {
		this.name = name;
		this.#process = new Killable(options);
	}

	/** Resolves when it is ready. */
	async start(): Promise<void> {
		this.#process.start();
		await this.#process.ready;
		if (!this.#process.isRunning) this.troubles.push('it ended before it was ready');
		if (this.#goneSince !== null) this.gaps.push({ from: this.#goneSince, until: Date.now() });
		this.#goneSince = null;
	}

	/** Resolves when the last end is over and it is ready again. */
	get isBack(): Promise<void> {
		return this.#isBack;
	}

	get isThere(): boolean {
		return this.#goneSince === null;
	}

	/** Ends it, and starts it again after a while; it may be on its way up. */
	end(how: Ending, pauseMs: number): void {
		this.endings[how] += 1;
		this.#goneSince ??= Date.now();
		this.#isBack = this.#endAndStart(how, pauseMs);
	}

	async #endAndStart(how: Ending, pauseMs: number): Promise<void> {
		if (how === 'SIGKILL') await this.#process.kill();
		else {
			const code = await this.#process.terminate();
			if (code !== 0) this.troubles.push(`SIGTERM ended it with ${code}`);
		}
		await sleep(pauseMs);
		await this.start();
	}

	stop(): Promise<void> {
		return this.#process.stop();
	}
}
