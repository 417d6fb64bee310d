import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addToEnd, jumpTo, playNow, type QueueClock } from './change-queue.ts';
import { isSameQueue, leftOutOf, mergeQueues } from './merge-queues.ts';
import { currentItem, emptyQueue, type QueueState, upcomingItems } from './queue-state.ts';

let time = 0;
let ids = 0;
const clock: QueueClock = {
	now: () => (time += 1),
	newId: () => `item-${(ids += 1)}`,
	random: () => 0.5
};
const many = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
const tracks = (queue: QueueState) => queue.items.map(({ trackId }) => trackId);

describe('a queue that was changed on two devices', () => {
	it('has what both added when it is full: what was heard longest ago makes room', () => {
		let base = addToEnd(playNow(emptyQueue(), 1, null, clock), many(9_998), clock);
		base = jumpTo(base, base.items[50]?.id ?? '', clock);
		const mine = addToEnd(base, [20_001], clock);
		const theirs = addToEnd(base, [20_002], clock);
		const merged = mergeQueues(base, mine, theirs);
		assert.equal(merged.items.length, 10_000);
		assert.deepEqual(tracks(merged).slice(-2).toSorted(), [20_001, 20_002]);
		assert.equal(currentItem(merged)?.id, base.current.value);
		assert.equal(leftOutOf(merged, base, mine), 0);
	});

	it('leaves out what was added here last when nothing else can make room, and counts it', () => {
		const base = addToEnd(playNow(emptyQueue(), 1, null, clock), many(9_990), clock);
		const mine = addToEnd(base, [30_001, 30_002, 30_003, 30_004, 30_005], clock);
		const theirs = addToEnd(base, [40_001, 40_002, 40_003, 40_004, 40_005, 40_006], clock);
		const merged = mergeQueues(base, mine, theirs);
		assert.equal(merged.items.length, 10_000);
		const added = tracks(merged).filter((id) => id > 30_000 && id < 40_000);
		assert.deepEqual(added, [30_001, 30_002, 30_003]);
		assert.equal(leftOutOf(merged, base, mine), 2);
		assert.equal(upcomingItems(merged).filter(({ trackId }) => trackId > 40_000).length, 6);
	});

	it('is the same queue however often it was written down', () => {
		const queue = addToEnd(playNow(emptyQueue(), 1, null, clock), [2, 3], clock);
		assert.ok(isSameQueue(queue, structuredClone(queue)));
		assert.ok(!isSameQueue(queue, addToEnd(queue, [4], clock)));
		assert.ok(!isSameQueue(queue, jumpTo(queue, queue.items[1]?.id ?? '', clock)));
	});
});
