import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dragTarget } from './drag-target.ts';
import { moveItem } from './move-item.ts';

describe('a list that is put in order', () => {
	it('changes by one that moves, and everything between gives way', () => {
		assert.deepEqual(moveItem(['a', 'b', 'c', 'd'], 0, 2), ['b', 'c', 'a', 'd']);
		assert.deepEqual(moveItem(['a', 'b', 'c', 'd'], 3, 1), ['a', 'd', 'b', 'c']);
		assert.deepEqual(moveItem(['a', 'b'], 0, 9), ['b', 'a']);
		assert.deepEqual(moveItem(['a', 'b'], 5, 0), ['a', 'b']);
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
