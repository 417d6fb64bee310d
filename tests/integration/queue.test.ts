import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { addToEnd, playNow, type QueueClock } from '#lib/queue/change-queue.ts';
import { type QueueSnapshotJson, stateToJson } from '#lib/queue/queue-json.ts';
import { emptyQueue } from '#lib/queue/queue-state.ts';
import { announce } from '#lib/server/events/hub.ts';
import { queueNewsId } from '#lib/server/queue/queue.ts';
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

const playing = {
	...{ item_id: 'a', track_id: 1, position_ms: 151_000, is_playing: true },
	...{ device_id: 'phone', device_name: 'phone' }
};
const putPlayhead = (change: object, { viewer = ALICE, base = world.url }: Sent = {}) =>
	fetch(`${base}/api/queue/playhead`, {
		method: 'PUT',
		headers: { 'x-viewer': viewer, 'content-type': 'application/json' },
		body: JSON.stringify({ ...playing, ...change })
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
		const conflicts = [world, other].map(({ ctx }) => ctx.metrics.queueConflicts.points[0]?.value);
		assert.equal((conflicts[0] ?? 0) + (conflicts[1] ?? 0), 3, 'the operator sees them');
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

	const named = (label: string, href = '/u/alice.test/album/tides') => ({
		...state,
		source: { at: 1, value: { label, href, track_ids: [], next_index: 0 } }
	});
	const unkept = ['a \u0000 b', 'a \ud83c b', '\udfb5', 'a \u001b[1m b', 'a\nb', 'a \u0085 b'];
	for (const text of unkept) {
		it(`refuses a text that cannot be kept: ${JSON.stringify(text)}`, async () => {
			const viewer = 'did:plc:unkept';
			for (const body of [named(text), named('tides', `/${text}`)]) {
				const response = await put({ state: body }, { viewer });
				const answer = await response.text();
				assert.equal(response.status, 422, answer);
				assert.match(answer, /characters that cannot be kept/);
			}
			const response = await putPlayhead({ device_name: text }, { viewer });
			assert.equal(response.status, 422, await response.text());
		});
	}

	it('keeps a text of every script', async () => {
		const viewer = 'did:plc:scripts';
		const label = 'ça, 音楽 \u200d 🎵 👩‍🎤';
		const answer = await bodyOf(await put({ state: named(label) }, { viewer }));
		assert.equal(answer.state.source.value?.label, label);
	});

	it('ends the oldest streams of who has more than twenty', async () => {
		const viewer = 'did:plc:many-streams';
		const url = `${world.url}/api/queue/events`;
		const someone = await listen(url, { viewer: 'did:plc:one-stream' });
		const listeners: Listener[] = [];
		for (let i = 0; i < 22; i++) listeners.push(await listen(url, { viewer }));
		await put({ state }, { viewer });
		for (const one of listeners.slice(2)) await one.until(({ id }) => id === '1');
		const areEnded = [...listeners, someone].map((one) => one.isEnded());
		assert.deepEqual(areEnded, [true, true, ...Array.from({ length: 21 }, () => false)]);
		for (const one of [...listeners, someone]) one.leave();
	});

	it('leaves the queue out of its answer to who prefers that, when it is as it was sent', async () => {
		const viewer = 'did:plc:minimal';
		const headers = { prefer: 'return=minimal' };
		const push = { state, push_id: 'one' };
		const response = await put(push, { viewer, headers });
		assert.equal(response.headers.get('preference-applied'), 'return=minimal');
		const answer = await bodyOf(response);
		assert.deepEqual(
			[answer.state, answer.revision, answer.recent_pushes],
			[undefined, 1, ['one']]
		);
		assert.deepEqual((await bodyOf(await get({ viewer }))).state, state);
		const theirs = { ...state, repeat: { value: 'all', at: 1 } };
		await put({ state: theirs, push_id: 'theirs' }, { viewer });
		const again = await put(push, { viewer, headers });
		assert.equal(again.headers.get('preference-applied'), null, 'others have written since');
		assert.deepEqual((await bodyOf(again)).state, theirs);
		const ahead = { ...state, repeat: { value: 'one', at: Date.now() + 86_400_000 } };
		const changed = await bodyOf(await put({ state: ahead, push_id: 'two' }, { viewer, headers }));
		assert.ok(changed.state.repeat.at <= Date.now());
	});

	it('does not tell a page what that page wrote itself', async () => {
		const viewer = 'did:plc:own-news';
		const listener = await listen(`${other.url}/api/queue/events?page=mine`, { viewer });
		const push = async (id: string) => await put({ state, push_id: id }, { viewer });
		await listener.until(({ id }) => id === '0');
		await push('mine-1');
		await push('other-1');
		await listener.until(({ id }) => id === '2');
		await push('mine-2');
		await push('mine2-1');
		await listener.until(({ id }) => id === '4');
		assert.deepEqual(
			listener.events.map(({ id }) => id),
			['0', '2', '4']
		);
		listener.leave();
	});

	it('tells a listener who knows of more than there is what there is', async () => {
		const viewer = 'did:plc:restored';
		await put({ state }, { viewer });
		const url = `${world.url}/api/queue/events`;
		const back = await listen(url, { viewer, lastEventId: '9' });
		const heard = await back.until(({ name }) => name === undefined);
		assert.equal(heard.id, '1');
		back.leave();
		const stays = await listen(url, { viewer });
		await put({ state }, { viewer });
		await stays.until(({ id }) => id === '2');
		const { ctx } = world;
		await ctx.db.updateTable('queues').set({ revision: 1 }).where('did', '=', viewer).execute();
		await announce(ctx.db, { topic: 'queue', id: queueNewsId(viewer), did: viewer });
		const after = stays.events.length;
		await stays.until((event) => stays.events.indexOf(event) >= after && event.id === '1');
		stays.leave();
	});

	it('tells other devices where playback is', async () => {
		const viewer = 'did:plc:moving';
		const say = (base: string) => putPlayhead({}, { viewer, base });
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
