import assert from 'node:assert/strict';
import { it } from 'node:test';
import { fieldInWords, valueInWords } from './kept-words.ts';

it('says which field something was typed into, and what', () => {
	const nameOf = (id: string) => (id === 'a' ? 'slow tide' : undefined);
	const say = (field: string, value: unknown) =>
		`${fieldInWords(field, nameOf) ?? 'gone'}: ${valueInWords(field, value)}`;
	assert.equal(say('album_title', 'low water'), 'album: “low water”');
	assert.equal(say('album_title', ''), 'album: none');
	assert.equal(say('year', 2024), 'year: 2024');
	assert.match(say('release_at', '2027-01-01T12:00:00.000Z'), /^release date: .*2027/);
	assert.equal(say('image_id', 'abc'), 'cover: another picture');
	assert.equal(say('position', null), 'order of the tracks: another one');
	assert.equal(say('title:a', 'tide'), 'title of slow tide: “tide”');
	assert.equal(say('tags:a', ['dub', 'ambient']), 'tags of slow tide: dub, ambient');
	assert.equal(say('explicit:a', true), 'explicit of slow tide: yes');
	assert.equal(say('title:b', 'x'), 'gone: “x”');
});
