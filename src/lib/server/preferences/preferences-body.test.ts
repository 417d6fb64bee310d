import assert from 'node:assert/strict';
import { it } from 'node:test';
import { DEFAULT_PREFERENCES } from '#lib/preferences/preferences.ts';
import { preferencesToJson } from '#lib/preferences/preferences-json.ts';
import { readKept } from './preferences-body.ts';

const defaults = preferencesToJson(DEFAULT_PREFERENCES);

it('of what a browser has kept, all that fits counts and nothing else', () => {
	for (const nothing of [null, undefined, 7, 'light', [], ['light'], {}]) {
		assert.deepEqual(readKept(nothing), defaults);
	}
	const kept = {
		theme: 'light',
		accent_color: 'red;}',
		crossfade_seconds: 99,
		of: 'another',
		gapless: false
	};
	assert.deepEqual(readKept(kept), { ...defaults, theme: 'light', gapless: false });
});
