import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { keepInBrowser, preferencesKept } from './kept-in-browser.ts';
import { DEFAULT_PREFERENCES } from './preferences.ts';

const cookieOf = (json: unknown) =>
	`a=b; preferences=${encodeURIComponent(JSON.stringify(json))}; c=d`;

describe('what a browser keeps of what was chosen', () => {
	/** A jar for one cookie, which is all there is. */
	const page = { cookie: '' };
	beforeEach(() => {
		Object.defineProperty(globalThis, 'document', { configurable: true, value: page });
		Object.defineProperty(globalThis, 'location', {
			configurable: true,
			value: { protocol: 'https:' }
		});
	});
	afterEach(() => {
		Reflect.deleteProperty(globalThis, 'document');
		Reflect.deleteProperty(globalThis, 'location');
	});

	it('is read by a page that was made for nobody', () => {
		const kept = preferencesKept(cookieOf({ theme: 'light', auto_advance: false }));
		assert.deepEqual(kept, { ...DEFAULT_PREFERENCES, theme: 'light', autoAdvance: false });
	});

	it('is what we would have written, or nothing', () => {
		const nonsense = { theme: 'pink', accent_color: 'red', crossfade_seconds: 99, gapless: 'yes' };
		for (const cookies of [cookieOf(nonsense), 'preferences=%', 'preferences=[1]', '']) {
			assert.deepEqual(preferencesKept(cookies), DEFAULT_PREFERENCES);
		}
	});

	it('keeps what a page that knows less does not change', () => {
		page.cookie = cookieOf({ theme: 'light', accent_color: '#ff88cc' });
		keepInBrowser({ gapless: false });
		assert.match(page.cookie, /; secure$/);
		const kept = preferencesKept(page.cookie);
		assert.deepEqual([kept.theme, kept.accentColor, kept.isGapless], ['light', '#ff88cc', false]);
	});
});
