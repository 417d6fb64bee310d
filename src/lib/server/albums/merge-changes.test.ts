import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mergeChanges } from './merge-changes.ts';

describe('two changes of an album that wait together', () => {
	it('are one, in which what was said last holds', () => {
		const former = { title: 'ebb', year: 2020, order: [1, 2] };
		const later = { title: 'flood', order: [2, 1] };
		assert.deepEqual(mergeChanges(former, later), { title: 'flood', year: 2020, order: [2, 1] });
		assert.deepEqual(mergeChanges(null, later), later);
	});

	it('take out what is taken out last, and not what came back since', () => {
		assert.deepEqual(mergeChanges({ removed: [1, 2] }, { added: [1] }), {
			removed: [2],
			added: [1]
		});
		assert.deepEqual(mergeChanges({ removed: [1] }, { added: [1] }), { added: [1] });
		assert.deepEqual(mergeChanges({ removed: [1] }, { order: [2, 1] }), { order: [2, 1] });
		assert.deepEqual(mergeChanges({ added: [1] }, { removed: [1] }), { removed: [1] });
		const both = mergeChanges({ order: [1, 2] }, { order: [2], removed: [1] });
		assert.deepEqual(both, { order: [2], removed: [1] });
	});
});
