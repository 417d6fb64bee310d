import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mergeValues } from './merge-values.ts';
import type { TrackValues } from './track-values.ts';

const base: TrackValues = {
	title: 'as it was',
	description: '',
	album: 'Café',
	features: [{ did: 'did:plc:a', handle: 'a.test' }],
	tags: ['one', 'two'],
	isExplicit: false,
	isUnlisted: false,
	imageId: null
};

describe('what was changed here and what was changed elsewhere', () => {
	it('is joined when it is not the same', () => {
		const wanted = { ...base, title: 'mine' };
		const current = { ...base, description: 'theirs', tags: ['three'] };
		assert.deepEqual(mergeValues(base, wanted, current), {
			changes: { title: 'mine' },
			conflicts: []
		});
	});

	it('is a conflict when it is the same, and none when both say the same', () => {
		const wanted = { title: 'mine', isExplicit: true };
		const current = { ...base, title: 'theirs', isExplicit: true };
		assert.deepEqual(mergeValues(base, wanted, current), {
			changes: {},
			conflicts: [{ field: 'title', yours: 'mine', theirs: 'theirs' }]
		});
	});

	it('may name tags in another order, people otherwise, and albums with other accents', () => {
		const current: TrackValues = {
			...base,
			tags: ['two', 'one'],
			features: [{ did: 'did:plc:a', handle: 'renamed.test' }],
			album: 'cafe'
		};
		const wanted = { tags: ['three'], features: [], album: 'other' };
		assert.deepEqual(mergeValues(base, wanted, current), { changes: wanted, conflicts: [] });
	});

	it('is a change when the same people are named in another order', () => {
		const [a = { did: '' }] = base.features;
		const together = { ...base, features: [a, { did: 'did:plc:0' }] };
		const wanted = { features: together.features.toReversed(), tags: ['two', 'one'] };
		assert.deepEqual(mergeValues(together, wanted, together), {
			changes: { features: wanted.features },
			conflicts: []
		});
	});

	it('is a conflict wherever it differs when nobody knows what it was', () => {
		const { conflicts, changes } = mergeValues(null, { title: 'mine', album: 'Café' }, base);
		assert.deepEqual(changes, {});
		assert.deepEqual(conflicts, [{ field: 'title', yours: 'mine', theirs: 'as it was' }]);
	});
});
