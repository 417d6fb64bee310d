import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FileTags } from '#lib/server/db/schema.ts';
import { inOrder, moveTo, type OrderedFile } from './order.ts';

const file = (path: string, tags: FileTags = {}, position: number | null = null): OrderedFile => ({
	id: path,
	file_name: path.split('/').at(-1) ?? '',
	fields: { path },
	findings: { tags },
	release_position: position,
	created_at: new Date(0)
});
const paths = (files: OrderedFile[]) => files.map(({ id }) => id);

describe('the order of a release', () => {
	it('is by disc and track number, as the files say', () => {
		const files = [
			file('c.mp3', { discNumber: 2, trackNumber: 1 }),
			file('b.mp3', { discNumber: 1, trackNumber: 2 }),
			file('a.mp3', { trackNumber: 10 }),
			file('d.mp3', { trackNumber: 1 })
		];
		assert.deepEqual(paths(inOrder(files, false)), ['d.mp3', 'b.mp3', 'a.mp3', 'c.mp3']);
	});

	it('is by the numbers in the names of files that say nothing', () => {
		const files = [
			file('lp/10 - ten.mp3'),
			file('lp/02 - two.mp3', { trackNumber: 2 }),
			file('lp/1. one.mp3')
		];
		assert.deepEqual(paths(inOrder(files, false)), [
			'lp/1. one.mp3',
			'lp/02 - two.mp3',
			'lp/10 - ten.mp3'
		]);
	});

	it('counts as a person counts where there are no track numbers, and these come last', () => {
		const files = [file('lp/take 10.wav'), file('lp/take 9.wav'), file('lp/03 - third.wav')];
		assert.deepEqual(paths(inOrder(files, false)), [
			'lp/03 - third.wav',
			'lp/take 9.wav',
			'lp/take 10.wav'
		]);
	});

	it('is the one the artist has chosen, and what came later stands at the end', () => {
		const files = [
			file('1.mp3', {}, 3),
			file('new.mp3'),
			file('2.mp3', {}, 1),
			file('3.mp3', {}, 2)
		];
		assert.deepEqual(paths(inOrder(files, true)), ['2.mp3', '3.mp3', '1.mp3', 'new.mp3']);
	});
});

describe('moving tracks of a release', () => {
	const move = (places: Record<string, number>) =>
		moveTo(['a', 'b', 'c', 'd'], new Map(Object.entries(places))).join('');

	it('puts one where it is wanted, and the others make room', () => {
		assert.equal(move({ d: 1 }), 'dabc');
		assert.equal(move({ a: 3 }), 'bcad');
		assert.equal(move({ a: 99 }), 'bcda');
	});

	it('takes a whole order as it is', () => {
		assert.equal(move({ a: 4, b: 3, c: 2, d: 1 }), 'dcba');
	});

	it('loses none, whatever is asked for', () => {
		assert.equal(move({ a: 2, b: 2, zzz: 1 }), 'cabd');
		assert.equal(move({ a: 0, b: -5 }).length, 4);
	});
});
