import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../../dev/music/random.ts';
import type { MixedSite } from './site.ts';
import type { Gap, Supervised } from './supervised.ts';

const PAUSE_MS = [2_000, 5_000] as const;
/** systemd and docker wait a moment, too. */
const LONGEST_DOWN_MS = 2_000;

/** Ends one of the six every few seconds, whichever, one way or the other, until the signal comes. */
export async function killAtRandom(
	{ processes }: MixedSite,
	random: Random,
	signal: AbortSignal
): Promise<void> {
	for (;;) {
		const pauseMs = random.between(...PAUSE_MS);
		await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
		if (signal.aborted) break;
		const victim = random.pick(processes);
		const how = random.chance(0.5) ? 'SIGKILL' : 'SIGTERM';
		const downMs = random.between(0, LONGEST_DOWN_MS);
		// who is on the way up already is spared once
		if (victim.isThere) victim.end(how, downMs);
	}
	await Promise.all(processes.map(({ isBack }) => isBack));
}

/** When neither of two was there. */
export function gapsOfBoth([one, other]: readonly [Supervised, Supervised]): Gap[] {
	return one.gaps.flatMap((gap) =>
		other.gaps
			.map(({ from, until }) => ({
				from: Math.max(from, gap.from),
				until: Math.min(until, gap.until)
			}))
			.filter(({ from, until }) => from < until)
	);
}
