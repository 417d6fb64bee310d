import '../../../tests/compile-runes.ts';
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { useMemoryStorage } from '../../../tests/memory-storage.ts';
import type { Toasts } from '#lib/toasts/toasts.svelte.ts';
import { bringAlong } from './bring-along.ts';
import { addToEnd, jumpTo, playNow } from './change-queue.ts';
import { keepQueue, keptQueue } from './kept-queue.ts';
import { currentItem, emptyQueue, type QueueState } from './queue-state.ts';
import { QueueSync } from './queue-sync.ts';

const clock = { now: Date.now, newId: () => crypto.randomUUID(), random: Math.random };
const many = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

describe('what was queued before the sign-in', () => {
	let messages: string[];
	let shown: QueueState[];
	const toasts = {
		show: ({ message }: { message: string }) => messages.push(message)
	} as unknown as Toasts;

	beforeEach(() => {
		useMemoryStorage();
		messages = [];
		shown = [];
	});

	/** Of somebody with a queue of so many tracks. */
	function account(count: number): QueueSync {
		const sync = new QueueSync(
			{
				push: () => new Promise(() => undefined),
				newId: clock.newId,
				later: () => () => undefined
			},
			{ changed: () => undefined, refused: (reason) => assert.fail(reason) }
		);
		if (count > 0) {
			const state = addToEnd(playNow(emptyQueue(), 1, null, clock), many(count - 1), clock);
			sync.receive({ state, revision: 1, recentPushes: [] });
		}
		return sync;
	}

	/** Somebody with a queue of so many tracks signs in. @returns their queue then */
	function signIn(count: number): QueueState {
		const sync = account(count);
		bringAlong(sync, { toasts, clock }, (state) => shown.push(state));
		return sync.state;
	}

	function queueUp(...trackIds: number[]): void {
		const queue = addToEnd(emptyQueue(), trackIds, clock);
		keepQueue(jumpTo(queue, queue.items[0]?.id ?? '', clock));
	}

	it('comes behind what the account has, and is shown; the browser keeps it no more', () => {
		queueUp(70, 71);
		const state = signIn(3);
		assert.deepEqual(
			state.items.map(({ trackId }) => trackId),
			[1, 1, 2, 70, 71]
		);
		assert.deepEqual([currentItem(state)?.trackId, shown, keptQueue()], [1, [state], null]);
	});

	it('is the queue of an account that has none, with what was played', () => {
		queueUp(70, 71);
		assert.equal(currentItem(signIn(0))?.trackId, 70);
	});

	it('comes once, though a tab that knows of no sign-in keeps it again', () => {
		queueUp(70, 71);
		const kept = keptQueue() ?? assert.fail();
		const sync = account(3);
		const bring = () => bringAlong(sync, { toasts, clock }, (state) => shown.push(state));
		bring();
		keepQueue(addToEnd(kept, [72], clock));
		bring();
		assert.deepEqual(
			sync.state.items.map(({ trackId }) => trackId),
			[1, 1, 2, 70, 71, 72]
		);
	});

	it('fills a nearly full queue, and what did not fit is counted', () => {
		queueUp(70, 71, 72);
		assert.equal(signIn(9_999).items.length, 10_000);
		assert.deepEqual(messages, [
			'your queue is full: 2 tracks that this browser had queued did not fit'
		]);
	});

	it('finds no room in a full queue, and says so', () => {
		queueUp(70);
		assert.equal(signIn(10_000).items.length, 10_000);
		assert.deepEqual(messages, [
			'your queue is full: one track that this browser had queued did not fit'
		]);
	});
});
