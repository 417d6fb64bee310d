import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { addToEnd } from '#lib/queue/change-queue.ts';
import { snapshotFromJson } from '#lib/queue/queue-json.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { HttpDevice } from '../queue/http-device.ts';
import { ModelTime } from '../queue/model-time.ts';
import { Intents, RandomListener } from '../queue/queue-actions.ts';
import { databaseEnvironment } from './database-environment.ts';
import { type LocalSite, startLocalSite } from './local-site.ts';
import { Visitor } from './visitor.ts';

const OPERATIONS = 300;
const MEASURED = 100;
const SEEN_WITHIN_MS = 300;
const SEED = Number(process.env['QUEUE_SEED'] ?? 1 + Math.floor(Math.random() * 1e6));

describe('three devices of one person, on two servers with one database', () => {
	let database: TestDatabase;
	let sites: LocalSite[];
	let devices: HttpDevice[];
	const chance = new ModelTime(SEED);
	const clock = { now: Date.now, newId: () => crypto.randomUUID(), random: chance.random };

	before(async () => {
		database = await openTestDatabase();
		const env = databaseEnvironment(database);
		const first = await startLocalSite(env);
		sites = [first, await startLocalSite(env)];
		const bob = new Visitor(first.url);
		await bob.signIn('bob');
		const cookie = [...bob.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
		devices = [0, 1, 0].map(
			(index) => new HttpDevice(sites[index]?.url ?? '', cookie, chance.random)
		);
	});
	after(async () => {
		for (const device of devices) device.leave();
		for (const site of sites) await site.close();
		await database.close();
	});

	it(`come to the same and lose nothing, on bad lines (QUEUE_SEED=${SEED})`, async (context) => {
		const intents = new Intents();
		const listeners = devices.map(() => new RandomListener(chance.random, clock));
		for (const device of devices) await device.connect(0.1);
		for (let i = 0; i < OPERATIONS; i++) {
			const number = chance.pick(devices.length);
			const device = devices[number] ?? assert.fail();
			const before = device.sync.state;
			const next = listeners[number]?.act(before) ?? before;
			intents.note(number, before, next);
			device.sync.change(next);
			if (chance.random() < 0.03) device.isOnline = false;
			if (chance.random() < 0.1) for (const one of devices) one.isOnline = true;
			await sleep(chance.pick(40));
		}
		for (const device of devices) device.mend();
		const { revision } = await untilQuiet(devices);
		for (const device of devices) {
			const stored = snapshotFromJson(await device.ask());
			assert.equal(stored.revision, revision);
			assert.deepEqual(device.sync.state, stored.state);
			assert.deepEqual(intents.lostFrom(stored.state), [], 'nothing that was added is lost');
			assert.deepEqual(intents.returnedTo(stored.state), [], 'nothing comes back');
		}
		const count = (of: (device: HttpDevice) => number) =>
			devices.reduce((sum, device) => sum + of(device), 0);
		const conflicts = count((device) => device.conflicts);
		const lost = count((device) => device.lostAnswers);
		context.diagnostic(
			`${OPERATIONS} operations, ${revision} revisions, ${conflicts} conflicts, ${lost} lost answers`
		);
		assert.ok(conflicts > 0 && lost > 0, 'the lines were bad');
	});

	it(`hear of each other within ${SEEN_WITHIN_MS} ms`, async (context) => {
		const [from, to] = devices;
		assert.ok(from && to);
		const delays: number[] = [];
		for (let i = 0; i < MEASURED; i++) {
			const item = addToEnd(from.sync.state, [i + 1], clock);
			const count = item.items.length;
			const sentAt = performance.now();
			from.sync.change(item);
			from.sync.flush();
			while (to.sync.state.items.length < count) await sleep(1);
			delays.push(performance.now() - sentAt);
			while (from.sync.isUnsent) await sleep(1);
		}
		delays.sort((a, b) => a - b);
		const at = (share: number) => Math.round(delays[Math.ceil(MEASURED * share) - 1] ?? Infinity);
		context.diagnostic(`seen at the other server: median ${at(0.5)} ms, p95 ${at(0.95)} ms`);
		assert.ok(at(0.95) < SEEN_WITHIN_MS, `p95 ${at(0.95)} ms`);
	});
});

/** Waits until nothing is unsent and all are at the same revision. */
async function untilQuiet(devices: HttpDevice[]): Promise<{ revision: number }> {
	const isQuiet = () =>
		devices.every(({ sync }) => !sync.isUnsent && sync.revision === devices[0]?.sync.revision);
	const giveUpAt = Date.now() + 15_000;
	while (!isQuiet()) {
		if (Date.now() > giveUpAt) assert.fail('they do not come to rest');
		await sleep(20);
	}
	return { revision: devices[0]?.sync.revision ?? 0 };
}
