import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
	addToEnd,
	goOn,
	moveBefore,
	playNext,
	playNow,
	type QueueClock,
	removeItem,
	shuffleUpcoming,
	unshuffle
} from '#lib/queue/change-queue.ts';
import { type QueueSnapshotJson, snapshotFromJson, stateToJson } from '#lib/queue/queue-json.ts';
import { emptyQueue, type QueueState, upcomingItems } from '#lib/queue/queue-state.ts';
import { type PushAnswer, type QueuePush, QueueSync } from '#lib/queue/queue-sync.ts';
import { type Listener, listen } from './receiving/event-source.ts';
import { ALICE, BOB } from './receiving/requests.ts';
import { type Receiver, startReceiver } from './receiving/receiver.ts';
import { startWorld, type World } from './receiving/world.ts';

let world: World;
let other: Receiver;
before(async () => {
	world = await startWorld();
	other = await startReceiver(world.options);
});
after(async () => {
	await other.close();
	await world.end();
});

const clock: QueueClock = {
	now: Date.now,
	newId: () => crypto.randomUUID().slice(0, 13),
	random: Math.random
};
const threeTracks = () => addToEnd(playNow(emptyQueue(), 1, null, clock), [2, 3], clock);

interface Sent {
	viewer?: string;
	headers?: Record<string, string>;
	base?: string;
}

const get = ({ viewer = ALICE, headers = {}, base = world.url }: Sent = {}) =>
	fetch(`${base}/api/queue/`, { headers: { 'x-viewer': viewer, ...headers } });

const put = (body: unknown, { viewer = ALICE, headers = {}, base = world.url }: Sent = {}) =>
	fetch(`${base}/api/queue`, {
		method: 'PUT',
		headers: { 'x-viewer': viewer, 'content-type': 'application/json', ...headers },
		body: JSON.stringify(body)
	});

const bodyOf = async (response: Response) => (await response.json()) as QueueSnapshotJson;

describe('the queue on the server', () => {
	it('is empty for who has none, and each person has their own', async () => {
		const response = await get({ viewer: 'did:plc:nobody' });
		assert.equal(response.status, 200);
		assert.equal(response.headers.get('etag'), '"0"');
		const empty = await bodyOf(response);
		assert.deepEqual([empty.revision, empty.state.items], [0, []]);
		assert.equal((await put({ state: stateToJson(threeTracks()) }, { viewer: BOB })).status, 200);
		assert.equal((await bodyOf(await get({ viewer: BOB }))).state.items.length, 3);
		assert.equal((await bodyOf(await get())).revision, 0);
	});

	it('counts its writes, and answers 304 to who has the newest', async () => {
		const viewer = 'did:plc:counting';
		const state = stateToJson(threeTracks());
		for (const revision of [1, 2]) {
			const response = await put({ state }, { viewer });
			assert.equal(response.headers.get('etag'), `"${revision}"`);
			const answer = await bodyOf(response);
			assert.equal(answer.revision, revision);
			assert.deepEqual(answer.state, state);
		}
		const again = await get({ viewer, headers: { 'if-none-match': '"2"' } });
		assert.equal(again.status, 304);
	});

	it('refuses a write made from an older one with the present one, from any process', async () => {
		const viewer = 'did:plc:conflict';
		const first = stateToJson(threeTracks());
		const writes = await Promise.all(
			[world.url, other.url, world.url, other.url].map((base) =>
				put({ state: first }, { viewer, base, headers: { 'if-match': '"0"' } })
			)
		);
		assert.deepEqual(writes.map(({ status }) => status).toSorted(), [200, 409, 409, 409]);
		const refused = writes.find(({ status }) => status === 409);
		const answer = (await refused?.json()) as { code: string; detail: QueueSnapshotJson };
		assert.equal(answer.code, 'queue_conflict');
		assert.equal(answer.detail.revision, 1);
		assert.deepEqual(answer.detail.state, first);
		assert.equal(
			(await put({ state: first }, { viewer, headers: { 'if-match': '"1"' } })).status,
			200
		);
		const unknown = { viewer: 'did:plc:no-queue-yet', headers: { 'if-match': '"7"' } };
		assert.equal((await put({ state: first }, unknown)).status, 409);
	});

	it('takes a push once, however often it is sent', async () => {
		const viewer = 'did:plc:repeated';
		const push = { state: stateToJson(threeTracks()), push_id: 'the-push' };
		const headers = { 'if-match': '"0"' };
		for (let i = 0; i < 3; i++) {
			const response = await put(push, { viewer, headers });
			assert.equal(response.status, 200);
			const { revision, recent_pushes: pushes } = await bodyOf(response);
			assert.deepEqual([revision, pushes], [1, ['the-push']]);
		}
	});

	it('holds ten thousand items', async () => {
		const many = Array.from({ length: 9_999 }, (_, i) => i + 1);
		const state = stateToJson(addToEnd(playNow(emptyQueue(), 1, null, clock), many, clock));
		const viewer = 'did:plc:ten-thousand';
		assert.equal((await put({ state }, { viewer })).status, 200);
		const [item] = state.items;
		const more = { ...state, items: [...state.items, { ...item, id: 'one-more' }] };
		const refused = await put({ state: more }, { viewer });
		assert.equal(refused.status, 422);
		assert.match(await refused.text(), /a queue holds at most 10,000 tracks/);
		assert.equal((await bodyOf(await get({ viewer }))).state.items.length, 10_000);
	});

	it('does not believe a clock that is ahead', async () => {
		const viewer = 'did:plc:ahead';
		const tomorrow = { ...clock, now: () => Date.now() + 86_400_000 };
		const state = addToEnd(playNow(emptyQueue(), 1, null, tomorrow), [2], tomorrow);
		const answer = await bodyOf(await put({ state: stateToJson(state) }, { viewer }));
		for (const { moved_at: at } of answer.state.items) assert.ok(at <= Date.now());
		assert.ok(answer.state.current.at <= Date.now());
	});

	const state = stateToJson(threeTracks());
	const [item] = state.items;
	const badBodies: [string, unknown, RegExp][] = [
		['no state', {}, /required/],
		['another shape', { state: { track_ids: [1] } }, /required|unrecognized/],
		['something more', { state: { ...state, shuffle: true } }, /unrecognized key/],
		['an item twice', { state: { ...state, items: [item, item] } }, /two items have the same id/],
		[
			'a current item that is not there',
			{ state: { ...state, current: { value: 'x', at: 1 } } },
			/the current item is not among the items/
		],
		['a track that is none', { state: { ...state, items: [{ ...item, track_id: -1 }] } }, /0/],
		[
			'a rank that is none',
			{ state: { ...state, items: [{ ...item, rank: 'V0' }] } },
			/a rank has/
		],
		[
			'a collection on another site',
			{
				state: {
					...state,
					source: {
						at: 1,
						value: { label: 'a', href: '//evil.example/', track_ids: [], next_index: 0 }
					}
				}
			},
			/href is a path of this site/
		]
	];
	for (const [what, body, sentence] of badBodies) {
		it(`refuses ${what} with a sentence`, async () => {
			const viewer = 'did:plc:bad';
			const response = await put(body, { viewer });
			const text = await response.text();
			assert.equal(response.status, 422, text);
			assert.match(text, sentence);
			assert.equal((await bodyOf(await get({ viewer }))).revision, 0);
		});
	}

	it('refuses an if-match that is no quoted integer, and who is not signed in', async () => {
		for (const value of ['3', '"x"', 'W/"1"', '""']) {
			const response = await put({ state }, { headers: { 'if-match': value } });
			assert.equal(response.status, 400);
			assert.match(await response.text(), /a quoted integer is expected/);
		}
		const nobody = await fetch(`${world.url}/api/queue`, { method: 'PUT', body: '{}' });
		assert.equal(nobody.status, 401);
		assert.equal((await fetch(`${world.url}/api/queue`)).status, 401);
		assert.equal((await fetch(`${world.url}/api/queue/events`)).status, 401);
	});

	it('tells other devices where playback is', async () => {
		const viewer = 'did:plc:moving';
		const report = {
			...{ item_id: 'a', track_id: 1, position_ms: 151_000, is_playing: true },
			...{ device_id: 'phone', device_name: 'phone' }
		};
		const say = (base: string) =>
			fetch(`${base}/api/queue/playhead`, {
				method: 'PUT',
				headers: { 'x-viewer': viewer, 'content-type': 'application/json' },
				body: JSON.stringify(report)
			});
		assert.equal((await say(world.url)).status, 409, 'there is no queue yet');
		await put({ state }, { viewer });
		const listener = await listen(`${other.url}/api/queue/events`, { viewer });
		await listener.until(({ name }) => name === undefined);
		assert.equal((await say(world.url)).status, 200);
		const { content } = await listener.until(({ name }) => name === 'playhead');
		assert.equal(content['position_ms'], 151_000);
		assert.equal(content['device_name'], 'phone');
		listener.leave();
		const { playhead } = (await (await get({ viewer })).json()) as { playhead: unknown };
		assert.deepEqual(playhead, content);
	});
});

describe('three devices of one person, on two processes', () => {
	it('come to the same queue, lose nothing, and hear of each other within 300 ms', async (context) => {
		const viewer = 'did:plc:three-devices';
		const devices = await Promise.all(
			[world.url, other.url, world.url].map((base) => connect(base, viewer))
		);
		context.after(() => {
			for (const device of devices) device.leave();
		});
		const added = new Set<string>();
		const removed = new Set<string>();
		for (let i = 0; i < 300; i++) {
			const { sync } = devices[i % 3] ?? assert.fail();
			const before = sync.state;
			const next = act(before);
			const ids = new Set(next.items.map(({ id }) => id));
			for (const id of ids) added.add(id);
			for (const { id } of before.items) if (!ids.has(id)) removed.add(id);
			sync.change(next);
			await sleep(Math.random() * 40);
		}
		const isQuiet = () =>
			devices.every(({ sync }) => !sync.isUnsent && sync.revision === devices[0]?.sync.revision);
		for (let i = 0; i < 200 && !isQuiet(); i++) await sleep(50);
		const { state, revision } = snapshotFromJson(await bodyOf(await get({ viewer })));
		for (const { sync } of devices) {
			assert.equal(sync.revision, revision);
			assert.deepEqual(sync.state, state);
		}
		const left = new Set(state.items.map(({ id }) => id));
		assert.deepEqual(
			[...added].filter((id) => !left.has(id) && !removed.has(id)),
			[]
		);
		assert.ok(
			devices.some(({ lost }) => lost() > 0),
			'some answers were lost'
		);

		const delays: number[] = [];
		for (let i = 0; i < 40; i++) {
			const [from, to] = [devices[0], devices[1]];
			assert.ok(from && to);
			from.sync.change(addToEnd(from.sync.state, [i + 1], clock));
			from.sync.flush();
			const sentAt = performance.now();
			const count = from.sync.state.items.length;
			while (to.sync.state.items.length < count) await sleep(1);
			delays.push(performance.now() - sentAt);
			while (from.sync.isUnsent) await sleep(1);
		}
		const p95 = delays.toSorted((a, b) => a - b)[37] ?? Infinity;
		context.diagnostic(
			`95 of 100 changes were seen by the other device within ${Math.round(p95)} ms`
		);
		assert.ok(p95 < 300, `95 of 100 within ${Math.round(p95)} ms`);
	});
});

interface Device {
	sync: QueueSync;
	/** how many answers it never got */
	lost: () => number;
	leave(): void;
}

/** A device as the browser is one, on a line that loses every third answer of the first dozen. */
async function connect(base: string, viewer: string): Promise<Device> {
	let pushes = 0;
	let lost = 0;
	const push = async ({ id, state, revision }: QueuePush): Promise<PushAnswer> => {
		const body = { state: stateToJson(state), push_id: id };
		const response = await put(body, { viewer, base, headers: { 'if-match': `"${revision}"` } });
		pushes += 1;
		if (lost < 4 && pushes % 3 === 0) {
			lost += 1;
			throw new Error('the answer was lost');
		}
		const answer = (await response.json()) as { detail: QueueSnapshotJson } & QueueSnapshotJson;
		if (response.status === 409) {
			return { kind: 'conflict', snapshot: snapshotFromJson(answer.detail) };
		}
		assert.equal(response.status, 200);
		return { kind: 'accepted', snapshot: snapshotFromJson(answer) };
	};
	const later = (delayMs: number, action: () => void) => {
		const timer = setTimeout(action, delayMs);
		return () => clearTimeout(timer);
	};
	const sync = new QueueSync(
		{ push, later, newId: clock.newId },
		{ changed: () => undefined, refused: (reason) => assert.fail(reason) }
	);
	const listener = await listen(`${base}/api/queue/events`, { viewer });
	const stop = hear(listener, (snapshot) => sync.receive(snapshotFromJson(snapshot)));
	return {
		sync,
		lost: () => lost,
		leave() {
			stop();
			sync.stop();
			listener.leave();
		}
	};
}

function hear(listener: Listener, take: (snapshot: QueueSnapshotJson) => void): () => void {
	let heard = 0;
	const timer = setInterval(() => {
		for (; heard < listener.events.length; heard++) {
			const event = listener.events[heard];
			if (event?.name === undefined) take(event?.content as unknown as QueueSnapshotJson);
		}
	}, 1);
	return () => clearInterval(timer);
}

function act(queue: QueueState): QueueState {
	const items = upcomingItems(queue);
	const anyId = () => items[Math.floor(Math.random() * items.length)]?.id ?? '';
	const track = 1 + Math.floor(Math.random() * 99);
	const actions = [
		() => addToEnd(queue, [track], clock),
		() => playNext(queue, [track, track], clock),
		() => playNow(queue, track, null, clock),
		() => moveBefore(queue, anyId(), anyId(), clock),
		() => removeItem(queue, anyId()),
		() => goOn(queue, clock),
		() => shuffleUpcoming(queue, clock),
		() => unshuffle(queue, clock)
	];
	return actions[Math.floor(Math.random() * actions.length)]?.() ?? queue;
}
