import '../../../tests/compile-runes.ts';
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { Likes as LikesClass } from './likes.svelte.ts';

const { Likes } = await import('./likes.svelte.ts');
const { LikeSender } = await import('./like-sender.ts');

const TRACK = { id: 7, title: 'low water', isLiked: false, likeCount: 3 };
/** As of when a like that worked is in what pages say. */
const ACKNOWLEDGED = 20;

describe('the likes of a page', () => {
	let likes: LikesClass;
	let sent: { isLiked: boolean; end: (asOf: number | null) => void }[];

	beforeEach(() => {
		sent = [];
		const sender = new LikeSender(
			(_track, isLiked) =>
				new Promise((resolve) => {
					sent.push({ isLiked, end: resolve });
				})
		);
		likes = new Likes((...pressed) => sender.settle(...pressed));
	});

	const shown = () => likes.of(TRACK);
	const answer = async (worked: boolean) => {
		sent.at(-1)?.end(worked ? ACKNOWLEDGED : null);
		await new Promise((resolve) => setImmediate(resolve));
	};
	const wishes = () => sent.map(({ isLiked }) => isLiked);

	it('are what the server said until somebody presses', () => {
		assert.deepEqual(shown(), { isLiked: false, count: 3 });
	});

	it('are shown before they are sent, and stay when it worked', async () => {
		const toggled = likes.toggle(TRACK);
		assert.deepEqual(shown(), { isLiked: true, count: 4 });
		await answer(true);
		await toggled;
		assert.deepEqual(shown(), { isLiked: true, count: 4 });
		assert.deepEqual(wishes(), [true]);
	});

	it('are taken back when it did not work', async () => {
		const toggled = likes.toggle(TRACK);
		await answer(false);
		await toggled;
		assert.deepEqual(shown(), { isLiked: false, count: 3 });
	});

	it('are sent one at a time, and of further presses the last counts', async () => {
		const toggled = likes.toggle(TRACK);
		for (let times = 0; times < 3; times++) await likes.toggle(TRACK);
		assert.deepEqual(shown(), { isLiked: false, count: 3 });
		assert.deepEqual(wishes(), [true], 'the rest waits');
		await answer(true);
		assert.deepEqual(wishes(), [true, false]);
		await answer(true);
		await toggled;
		assert.deepEqual(shown(), { isLiked: false, count: 3 });
	});

	it('that were pressed twice are sent once when the first is what is wanted in the end', async () => {
		const toggled = likes.toggle(TRACK);
		await likes.toggle(TRACK);
		await likes.toggle(TRACK);
		await answer(true);
		await toggled;
		assert.deepEqual(wishes(), [true]);
		assert.deepEqual(shown(), { isLiked: true, count: 4 });
	});

	describe('and what pages say', () => {
		const read = (likesAsOf: number, isLiked = false) => ({
			...{ ...TRACK, likesAsOf, isLiked },
			likeCount: isLiked ? 4 : 3
		});
		const liked = { isLiked: true, count: 4 };
		const notLiked = { isLiked: false, count: 3 };

		it('a press counts while it is on its way, whatever a page says', async () => {
			const toggled = likes.toggle(read(10));
			likes.see(read(30));
			assert.deepEqual(likes.of(read(30)), liked);
			await answer(true);
			await toggled;
		});

		it('a page that was read before it was written knows less than the press', async () => {
			const toggled = likes.toggle(read(10));
			await answer(true);
			await toggled;
			assert.deepEqual(likes.of(read(19)), liked);
		});

		it('a page that was read after it was written knows more: it was taken back elsewhere', async () => {
			const toggled = likes.toggle(read(10));
			await answer(true);
			await toggled;
			assert.deepEqual(likes.of(read(ACKNOWLEDGED)), notLiked);
			assert.deepEqual(likes.of(read(10)), liked, 'where nothing newer is known');
			likes.see(read(21));
			assert.deepEqual(likes.of(read(10)), notLiked, 'so it is in the player');
			likes.see(read(15, true));
			assert.deepEqual(likes.of(read(10)), notLiked, 'what is older says nothing');
		});

		it('a press that did not work changes nothing of what is known', async () => {
			likes.see(read(30, true));
			const toggled = likes.toggle(read(10));
			assert.deepEqual(likes.of(read(10)), notLiked);
			await answer(false);
			await toggled;
			assert.deepEqual(likes.of(read(10)), liked);
			assert.deepEqual(likes.of(read(31)), notLiked);
		});

		it('what is of no known time is older than what has one', () => {
			likes.see(read(1, true));
			assert.deepEqual(likes.of(TRACK), liked);
		});
	});

	it('that failed in the middle show what is sure', async () => {
		const toggled = likes.toggle(TRACK);
		await likes.toggle(TRACK);
		await answer(true);
		await answer(false);
		await toggled;
		assert.deepEqual(shown(), { isLiked: true, count: 4 });
	});
});
