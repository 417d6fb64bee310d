import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ModelDevice, ModelServer } from '../../../tests/queue/model-devices.ts';
import { ModelTime } from '../../../tests/queue/model-time.ts';
import { Intents } from '../../../tests/queue/queue-actions.ts';
import { addToEnd, removeItem } from './change-queue.ts';
import { byRank, emptyQueue, type QueueState } from './queue-state.ts';
import { type PushAnswer, type QueueSnapshot, QueueSync } from './queue-sync.ts';

const OPERATIONS = 2_000;
/** `QUEUE_SEEDS=500` tries more, `QUEUE_SEED=17` that one again. */
const { QUEUE_SEED: only, QUEUE_SEEDS: count = '3' } = process.env;
const SEEDS = only ? [Number(only)] : Array.from({ length: Number(count) }, (_, i) => i + 1);

interface Trouble {
	/** the first two are tabs of one browser, and hear of each other at once */
	areTabs?: boolean;
	/** in the middle the server is put back to what it was a while before */
	isPutBack?: boolean;
}

async function live(seed: number, { areTabs = false, isPutBack = false }: Trouble = {}) {
	const time = new ModelTime(seed);
	const server = new ModelServer();
	const devices: ModelDevice[] = [];
	const intents = new Intents();
	const announce = () => {
		for (const device of devices) {
			// news of the server may come late, out of order, or not at all
			const { snapshot } = server;
			time.later(time.pick(500), () => {
				if (device.isOnline && time.random() < 0.3) device.receive(snapshot);
			});
		}
	};
	for (const skewMs of [0, 3, -5]) devices.push(new ModelDevice(time, server, skewMs, announce));
	const act = (number: number) => {
		const device = devices[number] ?? assert.fail();
		const before = device.sync.state;
		const after = device.listener.act(before);
		intents.note(number, before, after);
		const tab = areTabs ? devices[1 - number] : undefined;
		if (tab) time.later(time.pick(20), () => tab.sync.adopt(before, after));
		device.sync.change(after);
		return device;
	};
	let backup = server.snapshot;
	for (let i = 0; i < OPERATIONS; i++) {
		if (i === OPERATIONS / 4) backup = server.snapshot;
		if (isPutBack && i === OPERATIONS / 2) server.snapshot = backup;
		const device = act(time.pick(3));
		if (time.random() < 0.02) device.isOnline = false;
		if (time.random() < 0.04) device.reload();
		if (time.random() < 0.1) for (const one of devices) one.isOnline = true;
		await time.pass(time.pick(300));
	}
	// the last that each does is offline, and the next page of the browser is to send it
	for (const device of devices) device.isOnline = false;
	for (const number of devices.keys()) act(number).reload();
	await time.pass(5_000);
	for (const device of devices) {
		device.isOnline = true;
		device.connect();
	}
	for (let i = 0; i < 400 && devices.some(({ sync }) => sync.isUnsent); i++) {
		await time.pass(1_000);
	}
	// what a device finds when it asks
	for (const device of devices) device.receive(server.snapshot);
	return { devices, server, intents };
}

describe('three devices with one queue', () => {
	for (const seed of SEEDS) {
		it(`come to the same, and lose no addition, in 2,000 random operations (QUEUE_SEED=${seed})`, async () => {
			const { devices, server, intents } = await live(seed);
			const { state, revision } = server.snapshot;
			for (const { sync } of devices) {
				assert.equal(sync.isUnsent, false, 'everything is sent');
				assert.equal(sync.revision, revision);
				assert.deepEqual(sync.state, state);
			}
			assert.deepEqual(intents.lostFrom(state), [], 'nothing that was added is lost');
			assert.deepEqual(intents.returnedTo(state), [], 'nothing that was taken out comes back');
			assert.deepEqual(state.items, state.items.toSorted(byRank));
			assert.equal(new Set(state.items.map(({ id }) => id)).size, state.items.length);
			assert.ok(state.items.some(({ id }) => id === state.current.value));
			assert.ok(intents.addedCount > 400 && revision > 100);
		});
	}

	it(`come to the same when two of them are tabs of one browser (QUEUE_SEED=${SEEDS[0]})`, async () => {
		const { devices, server, intents } = await live(SEEDS[0] ?? 1, { areTabs: true });
		for (const { sync } of devices) {
			assert.equal(sync.isUnsent, false, 'everything is sent');
			assert.deepEqual(sync.state, server.snapshot.state);
		}
		assert.deepEqual(intents.lostFrom(server.snapshot.state), []);
	});

	it(`come to the same when the server was put back to an earlier queue (QUEUE_SEED=${SEEDS[0]})`, async () => {
		const { devices, server } = await live(SEEDS[0] ?? 1, { isPutBack: true });
		for (const { sync } of devices) {
			assert.equal(sync.isUnsent, false, 'everything is sent');
			assert.deepEqual(sync.state, server.snapshot.state);
		}
		assert.ok(server.snapshot.revision > 100);
	});
});

describe('a device whose server knows less than it did', () => {
	const trackIds = (queue: QueueState) => queue.items.map(({ trackId }) => trackId);

	/** A device that has heard of revision 10, with two tracks; the server has what `answer` says. */
	function device(answer: (push: { revision: number; state: QueueState }) => PushAnswer) {
		const time = new ModelTime(1);
		const clock = { now: () => time.now, newId: time.newId, random: time.random };
		const told = { pushes: 0, saved: 0 };
		const push = (one: { revision: number; state: QueueState }) => {
			told.pushes += 1;
			return new Promise<PushAnswer>((done) => time.later(10, () => done(answer(one))));
		};
		const sync = new QueueSync(
			{ push, newId: time.newId, later: time.later },
			{
				changed: () => undefined,
				refused: (reason) => assert.fail(reason),
				saved: () => (told.saved += 1)
			}
		);
		const state = addToEnd(emptyQueue(), [1, 2], clock);
		sync.receive({ state, revision: 10, recentPushes: [] });
		told.saved = 0;
		const add = (id: number) => sync.change(addToEnd(sync.state, [id], clock));
		return { time, sync, told, add, clock };
	}

	it('gives it what it has, in a few pushes', async () => {
		const server = new ModelServer();
		server.snapshot = { ...server.snapshot, revision: 5 };
		const { sync, told, add, time } = device((push) =>
			server.take({ id: `push-${told.pushes}`, isLast: false, ...push })
		);
		add(3);
		await time.pass(10_000);
		assert.deepEqual(trackIds(server.snapshot.state), [1, 2, 3]);
		assert.deepEqual([told.pushes, sync.isUnsent, server.snapshot.revision], [2, false, 6]);
	});

	it('gives it what it has when it is told, though nothing was changed here', async () => {
		const server = new ModelServer();
		const { sync, told, time } = device((push) =>
			server.take({ id: `push-${told.pushes}`, isLast: false, ...push })
		);
		sync.receive(server.snapshot);
		await time.pass(10_000);
		assert.equal(told.pushes, 0, 'news may be old');
		sync.receive(server.snapshot, { isPutBack: true });
		await time.pass(10_000);
		assert.deepEqual(trackIds(server.snapshot.state), [1, 2]);
		assert.deepEqual([told.pushes, sync.isUnsent, sync.revision], [1, false, 1]);
	});

	it('has nothing to send when that one has all of it', () => {
		const { sync, told } = device(() => assert.fail());
		const { state } = sync;
		sync.receive({ state, revision: 4, recentPushes: [] }, { isPutBack: true });
		assert.deepEqual([sync.isUnsent, sync.revision, told.saved], [false, 4, 1]);
	});

	it('asks less and less often when it is refused without end', async () => {
		const stuck: QueueSnapshot = { state: emptyQueue(), revision: 5, recentPushes: [] };
		const { told, add, time } = device(() => ({ kind: 'conflict', snapshot: stuck }));
		add(3);
		await time.pass(60_000);
		assert.ok(told.pushes <= 8, `${told.pushes} pushes in a minute`);
	});
});

describe('a device that did what another did before it', () => {
	it('has nothing to send', async () => {
		const time = new ModelTime(1);
		const clock = { now: () => time.now, newId: time.newId, random: time.random };
		const events = { changed: () => undefined, refused: (why: string) => assert.fail(why) };
		let pushes = 0;
		const push = () => {
			pushes += 1;
			return new Promise<PushAnswer>(() => undefined);
		};
		const sync = new QueueSync({ push, newId: time.newId, later: time.later }, events);
		const state = addToEnd(emptyQueue(), [1, 2], clock);
		sync.receive({ state, revision: 10, recentPushes: [] });
		const without = () => removeItem(state, state.items[1]?.id ?? '');
		sync.change(without());
		sync.receive({ state: without(), revision: 11, recentPushes: [] });
		await time.pass(10_000);
		assert.deepEqual([pushes, sync.isUnsent, sync.revision], [0, false, 11]);
	});
});

describe('a device that has just begun', () => {
	it('sends nothing before it knows what the server has, but does not wait for that for ever', async () => {
		const time = new ModelTime(1);
		const clock = { now: () => time.now, newId: time.newId, random: time.random };
		const theirs = addToEnd(emptyQueue(), [1], clock);
		const begin = () => {
			const pushes: number[] = [];
			const push = ({ revision, state }: { revision: number; state: QueueState }) => {
				pushes.push(revision);
				const snapshot = { state, revision: revision + 1, recentPushes: [] };
				return Promise.resolve<PushAnswer>({ kind: 'accepted', snapshot });
			};
			const events = { changed: () => undefined, refused: (why: string) => assert.fail(why) };
			const sync = new QueueSync({ push, newId: time.newId, later: time.later }, events);
			sync.change(addToEnd(sync.state, [2], clock));
			return { sync, pushes };
		};
		const { sync, pushes } = begin();
		await time.pass(1_000);
		assert.deepEqual(pushes, []);
		sync.receive({ state: theirs, revision: 7, recentPushes: [] });
		await time.pass(500);
		assert.deepEqual(pushes, [7]);
		const newAccount = begin();
		newAccount.sync.receive({ state: emptyQueue(), revision: 0, recentPushes: [] });
		await time.pass(500);
		assert.deepEqual(newAccount.pushes, [0]);
		const withoutNews = begin();
		await time.pass(3_000);
		assert.deepEqual(withoutNews.pushes, [0]);
	});
});
