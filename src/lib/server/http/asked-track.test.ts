import assert from 'node:assert/strict';
import { it } from 'node:test';
import { askedTrackPath } from './asked-track.ts';

const asked = (query: string) => askedTrackPath(new URL(query, 'http://127.0.0.1/'));

it('the home page with a track in its address leads to the track, and to its moment', () => {
	assert.equal(asked('?track=12'), '/track/12');
	assert.equal(asked('?track=12&t=1m30s'), '/track/12?t=1m30s');
	assert.equal(asked('?track=12&t=%26x%23'), '/track/12?t=%26x%23');
});

it('what names no track is the home page', () => {
	for (const query of ['?', '?track=', '?track=x', '?track=-1', '?track=0', '?track=1/../..']) {
		assert.equal(asked(query), undefined, query);
	}
});
