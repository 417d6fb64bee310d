import assert from 'node:assert/strict';
import { it } from 'node:test';
import { opensSearch } from './palette-keys.ts';

const press = (key: string, change: Record<string, unknown> = {}, within = '') => ({
	...{ key, altKey: false, ctrlKey: false, metaKey: false, shiftKey: false },
	...{ repeat: false, defaultPrevented: false },
	...change,
	isWithin: (selector: string) => within !== '' && selector.includes(within)
});
const control = { ctrlKey: true };
const command = { metaKey: true };

it('the search opens by ctrl+K, on an apple keyboard by ⌘+K, also from a field', () => {
	assert.ok(opensSearch(press('k', control, 'textarea'), false));
	assert.ok(opensSearch(press('K', control), false), 'with the letters locked as capitals');
	assert.ok(opensSearch(press('k', command, 'textarea'), true));
	assert.ok(!opensSearch(press('k', control), true), 'which cuts a line off there');
	assert.ok(!opensSearch(press('k', command), false));
	assert.ok(!opensSearch(press('k'), false));
	assert.ok(!opensSearch(press('k', { ...control, shiftKey: true }), false));
});

it('the search opens by a slash wherever it is on the keyboard, unless somebody types it', () => {
	assert.ok(opensSearch(press('/'), false));
	assert.ok(opensSearch(press('/', { shiftKey: true }), false));
	assert.ok(!opensSearch(press('/', {}, 'textarea'), false));
	assert.ok(!opensSearch(press('/', control), false));
});

it('the search opens once, and not over an open dialog', () => {
	assert.ok(!opensSearch(press('k', { ...control, repeat: true }), false));
	assert.ok(!opensSearch(press('k', { ...control, defaultPrevented: true }), false));
	assert.ok(!opensSearch(press('k', control, 'dialog[open]'), false));
});
