import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../dev/music/random.ts';
import type { Killable } from './killable.ts';
import type { TortureSite } from './site.ts';

const LONGEST_WAIT_MS = 3_000;
/** Changes of uploads: one has some six until it is published. */
const LONGEST_PROGRESS = 24;
const LONGEST_PROGRESS_MS = 8_000;
const READY_LIMIT_MS = 60_000;

/** One round: some time passes, somebody dies, perhaps several times in a row, and begins again. */
export async function killSomebody(site: TortureSite, random: Random): Promise<void> {
	const victims = chooseVictims(site, random);
	// otherwise it may die before it has begun
	if (random.chance(0.6)) await untilReady(victims);
	await sleep(random.between(0, LONGEST_WAIT_MS));
	await someProgress(site, Math.floor(random.between(0, LONGEST_PROGRESS)));
	const times = random.chance(0.15) ? 3 : 1;
	for (let time = 0; time < times; time++) {
		await Promise.all(victims.map((one) => one.kill()));
		if (random.chance(0.3)) await sleep(random.between(0, 400));
		for (const one of victims) one.start();
		if (time < times - 1) await sleep(random.between(0, 400));
	}
}

function chooseVictims(
	{ app, worker, transcoder }: TortureSite,
	random: Random
): readonly Killable[] {
	const drawn = random.next();
	if (drawn < 0.4) return [app];
	if (drawn < 0.8) return [worker];
	return drawn < 0.94 ? [app, worker] : [transcoder];
}

/** Waits until uploads have changed so often: on a slow machine nothing would ever be done otherwise. */
async function someProgress(site: TortureSite, changes: number): Promise<void> {
	const endsAt = Date.now() + LONGEST_PROGRESS_MS;
	const goal = (await countChanges(site)) + changes;
	while ((await countChanges(site)) < goal && Date.now() < endsAt) await sleep(30);
}

async function countChanges({ database }: TortureSite): Promise<number> {
	const [row] = await database.sql<{ changes: number }[]>`
		select coalesce(sum(version), 0)::int as changes from uploads where status <> 'receiving'`;
	return row?.changes ?? 0;
}

export async function untilReady(processes: readonly Killable[]): Promise<void> {
	const limit = sleep(READY_LIMIT_MS, undefined, { ref: false });
	await Promise.race([Promise.all(processes.map(({ ready }) => ready)), limit]);
}

/** The queues of what an artist has asked for, or what follows from it; the others are housekeeping. */
export const QUEUES = [
	...['uploads', 'uploads-given-up', 'tracks', 'albums', 'catalogue', 'releases'],
	'smaller-files'
];

/** Lets the pauses of jobs be over: what is tried again later is tried now; releases keep their time. */
export async function hurryJobs({ database }: Pick<TortureSite, 'database'>): Promise<void> {
	await database.sql`
		update pgboss.job set start_after = now()
		where state in ('created', 'retry') and start_after > now() and name = any(${QUEUES})
			and (state = 'retry' or name <> 'releases')`;
}
