import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ModelDevice, ModelServer } from '../../../tests/queue/model-devices.ts';
import { ModelTime } from '../../../tests/queue/model-time.ts';
import { Intents } from '../../../tests/queue/queue-actions.ts';
import { byRank } from './queue-state.ts';

const OPERATIONS = 2_000;
/** `QUEUE_SEEDS=500` tries more, `QUEUE_SEED=17` that one again. */
const { QUEUE_SEED: only, QUEUE_SEEDS: count = '3' } = process.env;
const SEEDS = only ? [Number(only)] : Array.from({ length: Number(count) }, (_, i) => i + 1);

/** @param areTabs the first two are tabs of one browser, and hear of each other at once */
async function live(seed: number, areTabs = false) {
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
	for (let i = 0; i < OPERATIONS; i++) {
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
	for (const device of devices) device.isOnline = true;
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
		const { devices, server, intents } = await live(SEEDS[0] ?? 1, true);
		for (const { sync } of devices) {
			assert.equal(sync.isUnsent, false, 'everything is sent');
			assert.deepEqual(sync.state, server.snapshot.state);
		}
		assert.deepEqual(intents.lostFrom(server.snapshot.state), []);
	});
});
