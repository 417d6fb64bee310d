import { cpus, freemem } from 'node:os';
import type { Machine } from './turns.ts';

const OVER_MS = 2_000;

interface Moment {
	nowMs: number;
	idleMs: number;
	allMs: number;
}

function look(): Moment {
	const all = cpus().map(({ times }) => times);
	const sum = (of: (times: (typeof all)[number]) => number) =>
		all.reduce((total, times) => total + of(times), 0);
	return {
		nowMs: performance.now(),
		idleMs: sum(({ idle }) => idle),
		allMs: sum(({ user, nice, sys, irq, idle }) => user + nice + sys + irq + idle)
	};
}

/** How busy this machine is, with whatever. */
export class MachineUse {
	#moments = [look()];

	/** To be asked several times in two seconds: it is about the time since it was asked then. */
	now(): Machine {
		const now = look();
		this.#moments.push(now);
		while ((this.#moments[1]?.nowMs ?? Infinity) <= now.nowMs - OVER_MS) this.#moments.shift();
		const [then = now] = this.#moments;
		const passedMs = now.allMs - then.allMs;
		const idleShare = passedMs > 0 ? (now.idleMs - then.idleMs) / passedMs : 0;
		return { idleShare, freeBytes: freemem(), nowMs: now.nowMs };
	}
}
