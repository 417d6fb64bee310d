import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
	addToEnd,
	clearUpcoming,
	goBack,
	goOn,
	moveBefore,
	playNext,
	playNow,
	type QueueClock,
	removeItem,
	setRepeat,
	shuffleUpcoming,
	unshuffle
} from './change-queue.ts';
import { byRank, emptyQueue, type QueueState, upcomingItems } from './queue-state.ts';
import { type PushAnswer, type QueuePush, type QueueSnapshot, QueueSync } from './queue-sync.ts';

/** Time that passes only when something is due; the same seed is the same history. */
class World {
	now = 1_000_000;
	#seed: number;
	#due: { at: number; order: number; action: () => void }[] = [];
	#order = 0;
	#ids = 0;

	constructor(seed: number) {
		this.#seed = seed;
	}

	random = (): number => {
		this.#seed = (this.#seed * 48_271) % 2_147_483_647;
		return this.#seed / 2_147_483_647;
	};
	pick = (count: number): number => Math.floor(this.random() * count);
	newId = (): string => `id-${(this.#ids += 1)}`;

	later = (delayMs: number, action: () => void): (() => void) => {
		const entry = { at: this.now + delayMs, order: (this.#order += 1), action };
		this.#due.push(entry);
		return () => {
			this.#due = this.#due.filter((one) => one !== entry);
		};
	};

	/** Lets time pass; answers that came are taken in between. */
	async pass(ms: number): Promise<void> {
		const end = this.now + ms;
		for (;;) {
			await new Promise(setImmediate);
			const next = this.#due
				.filter(({ at }) => at <= end)
				.sort((a, b) => a.at - b.at || a.order - b.order)[0];
			if (!next) break;
			this.#due = this.#due.filter((one) => one !== next);
			this.now = Math.max(this.now, next.at);
			next.action();
		}
		this.now = end;
	}
}

/** What the server does with a push, in memory: tests/integration/queue.test.ts has the real one. */
class Server {
	snapshot: QueueSnapshot = { state: emptyQueue(), revision: 0, recentPushes: [] };

	take({ id, state, revision }: QueuePush): PushAnswer {
		const { snapshot } = this;
		if (snapshot.recentPushes.includes(id)) return { kind: 'accepted', snapshot };
		if (snapshot.revision !== revision) return { kind: 'conflict', snapshot };
		const recentPushes = [...snapshot.recentPushes, id].slice(-50);
		this.snapshot = { state, revision: revision + 1, recentPushes };
		return { kind: 'accepted', snapshot: this.snapshot };
	}
}

class Device {
	isOnline = true;
	readonly sync: QueueSync;
	readonly clock: QueueClock;

	readonly #isCutOff: () => boolean;

	constructor(world: World, server: Server, skewMs: number, announce: () => void) {
		this.clock = {
			now: () => world.now + skewMs,
			newId: world.newId,
			random: world.random
		};
		this.#isCutOff = () => !this.isOnline || world.random() < 0.1;
		const delay = () => new Promise<void>((done) => world.later(10 + world.pick(400), done));
		this.sync = new QueueSync(
			{
				newId: world.newId,
				later: world.later,
				push: async (push) => {
					await delay();
					if (this.#isCutOff()) throw new Error('the request was lost');
					const answer = server.take(structuredClone(push));
					announce();
					await delay();
					if (this.#isCutOff()) throw new Error('the answer was lost');
					return structuredClone(answer);
				}
			},
			{ changed: () => undefined, refused: (reason) => assert.fail(reason) }
		);
	}
}

/** One thing a person does. @returns the queue after it */
function act(queue: QueueState, world: World, clock: QueueClock): QueueState {
	const items = upcomingItems(queue);
	const one = items[world.pick(items.length)]?.id ?? '';
	const other = items[world.pick(items.length)]?.id ?? null;
	const track = 1 + world.pick(50);
	const source = { label: 'an album', href: '/', trackIds: [1, 2, 3] };
	const actions: (() => QueueState)[] = [
		() => addToEnd(queue, [track], clock),
		() => addToEnd(queue, [track, track], clock),
		() => playNext(queue, [track], clock),
		() => playNow(queue, track, world.random() < 0.5 ? source : null, clock),
		() => moveBefore(queue, one, other, clock),
		() => moveBefore(queue, one, null, clock),
		() => removeItem(queue, one),
		() => goOn(queue, clock),
		() => goBack(queue, clock),
		() => shuffleUpcoming(queue, clock),
		() => unshuffle(queue, clock),
		() => setRepeat(queue, world.random() < 0.5 ? 'all' : 'off', clock),
		() => (world.random() < 0.1 ? clearUpcoming(queue, clock) : queue)
	];
	return actions[world.pick(actions.length)]?.() ?? queue;
}

async function live(seed: number, operations: number) {
	const world = new World(seed);
	const server = new Server();
	const devices: Device[] = [];
	const announce = () => {
		for (const device of devices) {
			// news of the server may come late, out of order, or not at all
			const snapshot = structuredClone(server.snapshot);
			world.later(world.pick(500), () => {
				if (device.isOnline && world.random() < 0.8) device.sync.receive(snapshot);
			});
		}
	};
	for (const skewMs of [0, 3, -5]) devices.push(new Device(world, server, skewMs, announce));
	const added = new Set<string>();
	const removed = new Set<string>();
	for (let i = 0; i < operations; i++) {
		const device = devices[world.pick(3)];
		assert.ok(device);
		const before = device.sync.state;
		const after = act(before, world, device.clock);
		const idsAfter = new Set(after.items.map(({ id }) => id));
		for (const id of idsAfter) added.add(id);
		for (const { id } of before.items) if (!idsAfter.has(id)) removed.add(id);
		device.sync.change(after);
		if (world.random() < 0.02) device.isOnline = false;
		if (world.random() < 0.1) for (const one of devices) one.isOnline = true;
		await world.pass(world.pick(300));
	}
	for (const device of devices) device.isOnline = true;
	for (let i = 0; i < 400 && devices.some(({ sync }) => sync.isUnsent); i++) {
		await world.pass(1_000);
	}
	// what a device finds when it asks
	for (const device of devices) device.sync.receive(structuredClone(server.snapshot));
	return { devices, server, added, removed };
}

describe('three devices with one queue', () => {
	for (const seed of [1, 2, 3]) {
		it(`come to the same, and lose no addition, in 2,000 random operations (seed ${seed})`, async () => {
			const { devices, server, added, removed } = await live(seed, 2_000);
			const { state, revision } = server.snapshot;
			for (const { sync } of devices) {
				assert.equal(sync.isUnsent, false);
				assert.equal(sync.revision, revision);
				assert.deepEqual(sync.state, state);
			}
			const left = new Set(state.items.map(({ id }) => id));
			const lost = [...added].filter((id) => !left.has(id) && !removed.has(id));
			assert.deepEqual(lost, []);
			const back = [...removed].filter((id) => left.has(id));
			assert.deepEqual(back, [], 'nothing that was taken out comes back');
			assert.deepEqual(state.items, state.items.toSorted(byRank));
			assert.equal(left.size, state.items.length);
			assert.ok(added.size > 500 && revision > 100);
		});
	}
});
