import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { it } from 'node:test';
import { ICON_NAMES } from './icons.ts';

it('every icon is drawn once in the page that all pages are made of, and no other is', async () => {
	const html = await readFile(new URL('../../app.html', import.meta.url), 'utf8');
	const drawn = [...html.matchAll(/<symbol id="icon-(\w+)"/g)].map(([, name]) => name);
	assert.deepEqual(drawn.toSorted(), ICON_NAMES.toSorted());
});
