import '../../../tests/compile-runes.ts';
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { Likes as LikesClass } from './likes.svelte.ts';

const { Likes } = await import('./likes.svelte.ts');
const { LikeSender } = await import('./like-sender.ts');

const TRACK = { id: 7, title: 'low water', isLiked: false, likeCount: 3 };

describe('the likes of a page', () => {
	let likes: LikesClass;
	let sent: { isLiked: boolean; end: (worked: boolean) => void }[];

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
		sent.at(-1)?.end(worked);
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

	it('that failed in the middle show what is sure', async () => {
		const toggled = likes.toggle(TRACK);
		await likes.toggle(TRACK);
		await answer(true);
		await answer(false);
		await toggled;
		assert.deepEqual(shown(), { isLiked: true, count: 4 });
	});
});
