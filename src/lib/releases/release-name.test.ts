import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { ReleaseState } from './release.ts';
import { releaseIs } from './release-name.ts';

const release = (albumTitle: string | null, ...titles: string[]) =>
	({
		fields: { album_title: albumTitle },
		suggested: { album_title: null },
		tracks: titles.map((title) => ({ fields: { title } }))
	}) as unknown as ReleaseState;

it('a release is spoken of as one or as several', () => {
	assert.equal(releaseIs(release(null, 'tide')), 'tide is');
	assert.equal(releaseIs(release('', 'tide', 'ebb', 'flood')), 'tide and 2 more are');
	assert.equal(releaseIs(release('low water', 'tide', 'ebb')), 'low water is');
});
