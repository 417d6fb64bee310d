import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isEmptySearch, parseSearch, searchedKinds } from './search-query.ts';

const read = (typed: string) => {
	const { text, filters } = parseSearch(typed);
	return [text, ...filters.map(({ name, value }) => `${name}=${value}`)];
};

describe('what somebody types', () => {
	it('is words, and filters wherever they stand', () => {
		assert.deepEqual(read('harbour lights'), ['harbour lights']);
		assert.deepEqual(read('artist:alice'), ['', 'artist=alice']);
		assert.deepEqual(read('night artist:alice tag:dub lights'), [
			'night lights',
			'artist=alice',
			'tag=dub'
		]);
		assert.deepEqual(read('TAG:Dub'), ['', 'tag=Dub']);
	});

	it('has values of several words in quotes, straight or curled, closed or not yet', () => {
		assert.deepEqual(read('tag:"drum and bass" fast'), ['fast', 'tag=drum and bass']);
		assert.deepEqual(read('album:“first light”'), ['', 'album=first light']);
		assert.deepEqual(read('album:"first li'), ['', 'album=first li']);
		assert.deepEqual(read('tag:a"b'), ['"b', 'tag=a']);
	});

	it('names no filter within a word, by another name, or before its value is typed', () => {
		assert.deepEqual(read('bigartist:x'), ['bigartist:x']);
		assert.deepEqual(read('genre:dub 12:30'), ['genre:dub 12:30']);
		assert.deepEqual(read('tag: dub'), ['tag: dub']);
		assert.deepEqual(read('night tag:""'), ['night']);
	});

	it('is one line of what a person can type, and not endless', () => {
		assert.deepEqual(read(' a\0b\n\tc\u0007 '), ['a b c']);
		assert.deepEqual(read('half \ud800 a letter'), ['half a letter']);
		assert.equal(parseSearch('x'.repeat(10_000)).text.length, 200);
		assert.equal(parseSearch('artist:x '.repeat(20)).filters.length, 5);
		assert.deepEqual(read("' & | ! <-> :* \\ %_ ("), ["' & | ! <-> :* \\ %_ ("]);
		assert.deepEqual(read('שלום 🎵'), ['שלום 🎵']);
	});

	it('finds only what has what its filters name', () => {
		const kinds = (typed: string) => searchedKinds(parseSearch(typed)).join();
		assert.equal(kinds('night'), 'track,album,artist,tag');
		assert.equal(kinds('night artist:alice'), 'track,album');
		assert.equal(kinds('artist:alice tag:dub'), 'track');
		assert.ok(isEmptySearch(parseSearch(' \n ')));
		assert.ok(!isEmptySearch(parseSearch('tag:dub')));
	});

	it('is nothing yet while only filters without values are typed', () => {
		for (const typed of ['artist:', 'tag:""', 'tag: ', 'Artist: album:']) {
			assert.ok(isEmptySearch(parseSearch(typed)), typed);
		}
		for (const typed of ['artist: night', 'artist:a', 'myartist:', 'artist:,']) {
			assert.ok(!isEmptySearch(parseSearch(typed)), typed);
		}
	});
});
