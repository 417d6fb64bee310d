import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { byNumber, dragTarget, move } from './track-order.ts';

describe('the order of tracks', () => {
	it('changes by one that moves, and everything between gives way', () => {
		assert.deepEqual(move(['a', 'b', 'c', 'd'], 0, 2), ['b', 'c', 'a', 'd']);
		assert.deepEqual(move(['a', 'b', 'c', 'd'], 3, 1), ['a', 'd', 'b', 'c']);
		assert.deepEqual(move(['a', 'b'], 0, 9), ['b', 'a']);
		assert.deepEqual(move(['a', 'b'], 5, 0), ['a', 'b']);
	});

	it('goes by disc and track number, and who has none keeps its place behind them', () => {
		const tracks = [
			{ name: 'hidden', discNumber: null, trackNumber: null },
			{ name: '2-1', discNumber: 2, trackNumber: 1 },
			{ name: '10', discNumber: null, trackNumber: 10 },
			{ name: '2', discNumber: 1, trackNumber: 2 },
			{ name: 'another', discNumber: 1, trackNumber: null }
		];
		assert.deepEqual(
			byNumber(tracks, (track) => track).map(({ name }) => name),
			['2', '10', 'hidden', 'another', '2-1']
		);
	});

	it('follows a drag when the middle of a row has passed the middle of another', () => {
		const rows = [0, 50, 100, 180].map((top, n) => ({ top, height: n === 2 ? 80 : 50 }));
		assert.equal(dragTarget(rows, 0, 40), 0);
		assert.equal(dragTarget(rows, 0, 51), 1);
		assert.equal(dragTarget(rows, 0, 500), 3);
		assert.equal(dragTarget(rows, 3, -60), 3);
		assert.equal(dragTarget(rows, 3, -70), 2);
		assert.equal(dragTarget(rows, 3, -500), 0);
	});
});
