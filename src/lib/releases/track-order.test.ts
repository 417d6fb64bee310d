import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { byNumber } from './track-order.ts';

describe('the order of tracks', () => {
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
});
