import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { normaliseTag, normaliseTags, tagsOfGenres } from './tag.ts';

describe('a tag has one form', () => {
	for (const [typed, tag] of [
		['Ambient', 'ambient'],
		['#Hip  Hop', 'hip hop'],
		['  drum\t&\nbass ', 'drum & bass'],
		['ＪＡＺＺ', 'jazz'],
		['Cafe\u0301', 'café'],
		['İstanbul', 'i̇stanbul'],
		['##', null],
		['', null],
		['a\u202eb\u200bc\0', 'abc'],
		['\u200b #', null],
		['\ud800x\udc00', 'x'],
		['rock, pop', 'rock pop'],
		['👩‍🎤', '👩‍🎤'],
		['a'.repeat(32), 'a'.repeat(32)],
		['a'.repeat(33), null],
		['👩‍🎤'.repeat(12), null],
		['<b>bold</b>', '<b>bold</b>']
	] as const) {
		it(`${JSON.stringify(typed)} is ${JSON.stringify(tag)}`, () => {
			assert.equal(normaliseTag(typed), tag);
			if (tag !== null) assert.equal(normaliseTag(tag), tag, 'and stays so');
		});
	}

	it('and is there once, ten at most', () => {
		assert.deepEqual(normaliseTags(['Dub', '#dub', ' ', 'House']), ['dub', 'house']);
		assert.equal(normaliseTags(Array.from({ length: 20 }, (_, at) => `tag ${at}`)).length, 10);
	});
});

describe('the genre of a file', () => {
	for (const [genres, tags] of [
		[['Dub Techno; Ambient'], ['dub techno', 'ambient']],
		[
			['Rock, Pop', 'Rock'],
			['rock', 'pop']
		],
		[['Folk, World, & Country'], ['folk world & country']],
		[['R&B/Soul'], ['r&b/soul']],
		[['house|deep house'], ['house', 'deep house']],
		[[], []]
	] as const) {
		it(`${JSON.stringify(genres)} gives ${JSON.stringify(tags)}`, () => {
			assert.deepEqual(tagsOfGenres(genres), tags);
		});
	}
});
