import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { listKeys } from './key-list.ts';
import { PLAYER_KEYS } from './player-keys.ts';

describe('the list of keys', () => {
	it('has every key there is, once, and nothing else', () => {
		const ways = listKeys().flatMap((action) => action.ways);
		assert.equal(ways.length, PLAYER_KEYS.length);
		assert.equal(new Set(ways.map(({ keys }) => keys.join(' '))).size, PLAYER_KEYS.length);
	});

	it('says what they do in words, with the names on the keys', () => {
		assert.deepEqual(listKeys()[0], {
			words: 'play or pause',
			ways: [{ keys: ['space'], scrolls: false }]
		});
		const louder = listKeys().find(({ words }) => words === 'louder');
		assert.deepEqual(louder?.ways, [
			{ keys: ['shift', '↑'], scrolls: false },
			{ keys: ['↑'], scrolls: true }
		]);
	});
});
