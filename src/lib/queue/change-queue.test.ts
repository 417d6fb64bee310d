import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
	addToEnd,
	clearUpcoming,
	goBack,
	goOn,
	jumpTo,
	moveBefore,
	playNext,
	playNow,
	type QueueClock,
	QueueFull,
	removeItem,
	restoreUpcoming,
	setRepeat,
	shuffleUpcoming,
	unshuffle
} from './change-queue.ts';
import {
	byRank,
	currentItem,
	emptyQueue,
	isShuffled,
	type QueueState,
	upcomingItems,
	upcomingOfSource
} from './queue-state.ts';

function testClock(): QueueClock {
	let time = 1_000;
	let ids = 0;
	let seed = 11;
	return {
		now: () => (time += 1),
		newId: () => `item-${(ids += 1)}`,
		random: () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647
	};
}

const album = { label: 'an album', href: '/u/alice.test/album/an-album', trackIds: [1, 2, 3, 4] };
const upcoming = (queue: QueueState) => upcomingItems(queue).map(({ trackId }) => trackId);
const playing = (queue: QueueState) => currentItem(queue)?.trackId ?? null;

describe('the queue', () => {
	const clock = testClock();

	it('plays on through the collection a track was played in', () => {
		let queue = playNow(emptyQueue(), 2, album, clock);
		assert.deepEqual([playing(queue), upcomingOfSource(queue)], [2, [3, 4]]);
		queue = goOn(queue, clock);
		assert.deepEqual([playing(queue), upcomingOfSource(queue)], [3, [4]]);
		queue = goOn(goOn(queue, clock), clock);
		assert.deepEqual([playing(queue), upcomingOfSource(queue)], [4, []], 'nothing follows');
	});

	it('plays a track right behind the current one, however much was heard before', () => {
		// ranks grow with each, until all are given anew
		let queue = addToEnd(emptyQueue(), [7, 8, 9], clock);
		queue = jumpTo(queue, queue.items[0]?.id ?? '', clock);
		for (let n = 0; n < 1_200; n++) {
			queue = playNow(queue, 1_000 + n, null, clock);
			assert.equal(playing(queue), 1_000 + n);
			assert.deepEqual(upcoming(queue), [8, 9], `after ${n}`);
		}
		queue = playNow(queue, 1, album, clock);
		for (const trackId of [8, 9, 2, 3]) {
			queue = goOn(queue, clock);
			assert.equal(playing(queue), trackId);
		}
	});

	it('names a collection without what no queue can keep', () => {
		const queue = playNow(emptyQueue(), 1, { ...album, label: 'a\u0000b\n\ud83c 🎵' }, clock);
		assert.equal(queue.source.value?.label, 'a b   🎵');
	});

	it('plays what was put in it before the collection goes on', () => {
		let queue = playNow(emptyQueue(), 1, album, clock);
		queue = addToEnd(queue, [8, 9], clock);
		queue = playNext(queue, [7], clock);
		const heard: (number | null)[] = [];
		for (let i = 0; i < 7; i++) {
			heard.push(playing(queue));
			queue = goOn(queue, clock);
		}
		assert.deepEqual(heard, [1, 7, 8, 9, 2, 3, 4]);
		queue = goBack(goBack(queue, clock), clock);
		assert.equal(playing(queue), 2);
	});

	it('keeps what was queued when another track is played now', () => {
		let queue = addToEnd(playNow(emptyQueue(), 1, null, clock), [8, 9], clock);
		queue = playNow(queue, 5, null, clock);
		assert.deepEqual([playing(queue), upcoming(queue)], [5, [8, 9]]);
		assert.equal(playing(goBack(queue, clock)), 1);
	});

	it('moves, removes and clears single entries, also of the same track twice', () => {
		let queue = addToEnd(playNow(emptyQueue(), 1, album, clock), [5, 6, 5, 7], clock);
		const [a, b, c, d] = upcomingItems(queue);
		assert.ok(a && b && c && d);
		queue = moveBefore(queue, d.id, a.id, clock);
		assert.deepEqual(upcoming(queue), [7, 5, 6, 5]);
		queue = moveBefore(queue, d.id, null, clock);
		assert.deepEqual(upcoming(queue), [5, 6, 5, 7]);
		queue = removeItem(queue, c.id);
		assert.deepEqual(upcoming(queue), [5, 6, 7]);
		const current = currentItem(queue);
		assert.ok(current);
		assert.equal(removeItem(queue, current.id), queue, 'what plays stays');
		queue = clearUpcoming(queue, clock);
		assert.deepEqual([playing(queue), upcoming(queue), upcomingOfSource(queue)], [1, [], []]);
	});

	it('shuffles what comes next and takes it back, with what happened since', () => {
		const numbers = Array.from({ length: 30 }, (_, i) => 100 + i);
		let queue = addToEnd(playNow(emptyQueue(), 1, album, clock), numbers, clock);
		queue = shuffleUpcoming(queue, clock);
		assert.notDeepEqual(upcoming(queue), numbers);
		assert.deepEqual(upcoming(queue).toSorted(), numbers);
		assert.deepEqual(queue.items, queue.items.toSorted(byRank));
		assert.equal(isShuffled(queue), true);
		assert.deepEqual(upcomingOfSource(queue).toSorted(), [2, 3, 4]);
		queue = shuffleUpcoming(queue, clock);
		queue = addToEnd(queue, [200], clock);
		const gone = upcomingItems(queue)[3];
		queue = removeItem(queue, gone?.id ?? '');
		queue = unshuffle(queue, clock);
		const expected = numbers.filter((id) => id !== gone?.trackId);
		assert.deepEqual(upcoming(queue), [...expected, 200]);
		assert.deepEqual(upcomingOfSource(queue), [2, 3, 4]);
		assert.equal(isShuffled(queue), false);
	});

	it('has the same to come before and after a shuffle is taken back, whatever was heard since', () => {
		const ids = (items: QueueState['items']) => items.map(({ id }) => id);
		for (let heard = 0; heard <= 6; heard++) {
			let queue = addToEnd(playNow(emptyQueue(), 1, null, clock), [11, 12, 13, 14, 15, 16], clock);
			queue = shuffleUpcoming(queue, clock);
			for (let i = 0; i < heard; i++) queue = goOn(queue, clock);
			const taken = unshuffle(queue, clock);
			assert.equal(playing(taken), playing(queue));
			assert.deepEqual(upcoming(taken), upcoming(queue).toSorted(), `after ${heard}`);
			const count = queue.items.length - upcomingItems(queue).length;
			assert.deepEqual(ids(taken.items.slice(0, count)), ids(queue.items.slice(0, count)));
			assert.deepEqual(taken.items, taken.items.toSorted(byRank));
			assert.equal(isShuffled(goBack(taken, clock)), false, 'there is nothing more to take back');
		}
	});

	it('always shuffles two into the other order', () => {
		let queue = addToEnd(playNow(emptyQueue(), 1, null, clock), [2, 3], clock);
		queue = shuffleUpcoming(queue, { ...clock, random: () => 0.999 });
		assert.deepEqual(upcoming(queue), [3, 2]);
	});

	it('repeats one at its end, but goes on when asked to; and repeats all', () => {
		let queue = playNow(emptyQueue(), 3, album, clock);
		queue = setRepeat(queue, 'one', clock);
		assert.equal(playing(goOn(queue, clock, true)), 3);
		assert.equal(playing(goOn(queue, clock)), 4);
		queue = setRepeat(queue, 'all', clock);
		assert.equal(playing(goOn(goOn(queue, clock), clock)), 1, 'the collection from its beginning');
		let plain = addToEnd(playNow(emptyQueue(), 5, null, clock), [6], clock);
		plain = setRepeat(plain, 'all', clock);
		assert.equal(playing(goOn(goOn(plain, clock), clock)), 5);
	});

	it('holds ten thousand and says so', () => {
		const many = Array.from({ length: 9_999 }, (_, i) => i + 1);
		let queue = addToEnd(playNow(emptyQueue(), 1, null, clock), many, clock);
		assert.throws(() => addToEnd(queue, [1], clock), QueueFull);
		assert.throws(() => addToEnd(queue, [1], clock), /the queue is full: it holds 10,000 tracks/);
		queue = jumpTo(queue, queue.items[9_000]?.id ?? '', clock);
		queue = playNow(queue, 4, null, clock);
		assert.equal(queue.items.length, 9_999 - 9_000 + 202, 'what was heard long ago makes room');
	});

	it('takes more when what fills it was heard', () => {
		const many = Array.from({ length: 9_999 }, (_, i) => i + 1);
		let queue = addToEnd(playNow(emptyQueue(), 1, null, clock), many, clock);
		const last = queue.items.at(-1) ?? assert.fail();
		const before = jumpTo(queue, queue.items.at(-3)?.id ?? '', clock);
		queue = jumpTo(queue, last.id, clock);
		assert.deepEqual(upcoming(addToEnd(queue, [7, 8], clock)), [7, 8]);
		assert.deepEqual(upcoming(playNext(queue, [7], clock)), [7]);
		assert.equal(addToEnd(queue, [7], clock).current.value, last.id);
		const cleared = addToEnd(clearUpcoming(before, clock), [7, 8], clock);
		assert.equal(upcoming(restoreUpcoming(cleared, before, clock)).length, 4);
		assert.throws(() => addToEnd(queue, [0, ...many], clock), QueueFull);
	});

	it('is not shuffled when there is nothing to shuffle', () => {
		for (const more of [[], [2]]) {
			const queue = addToEnd(playNow(emptyQueue(), 1, null, clock), more, clock);
			assert.equal(shuffleUpcoming(queue, clock), queue);
		}
		const queue = addToEnd(playNow(emptyQueue(), 1, null, clock), [2, 3], clock);
		assert.equal(shuffleUpcoming(queue, clock).source, queue.source);
	});

	it('ranks itself anew when one place was used too often', () => {
		let queue = addToEnd(playNow(emptyQueue(), 1, null, clock), [9_999], clock);
		for (let i = 0; i < 2_000; i++) queue = playNext(queue, [i], clock);
		assert.ok(queue.items.every(({ rank }) => rank.length <= 200));
		assert.deepEqual(upcoming(queue).slice(0, 3), [1_999, 1_998, 1_997]);
		assert.deepEqual(queue.items, queue.items.toSorted(byRank));
	});
});
