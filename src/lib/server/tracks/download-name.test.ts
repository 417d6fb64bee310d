import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { downloadName } from './download-name.ts';

const named = (artist: string, title: string, fileType = 'flac') =>
	downloadName({ artist, title, fileType });

describe('the name of a downloaded file', () => {
	it('says who made it and what it is called', () => {
		assert.equal(named('alice', 'slow tide'), 'alice - slow tide.flac');
		assert.equal(named('Ólafur', '海 (live)', 'wav'), 'Ólafur - 海 (live).wav');
	});

	it('is one file in the folder it is put in, whatever they are', () => {
		assert.equal(named('../../etc', 'pass\\wd'), 'etc - pass wd.flac');
		assert.equal(named('C:\\x', 'a/b:c*d?e"f<g>h|i'), 'C x - a b c d e f g h i.flac');
		assert.equal(named('a\r\nset-cookie: x', 'b\0c'), 'a set-cookie x - b c.flac');
		assert.equal(named('...', ' . '), 'track.flac');
		assert.equal(named('', ''), 'track.flac');
		assert.equal(named('.hidden', 'end.'), 'hidden - end.flac');
	});

	it('does not hide its type behind marks that turn the direction', () => {
		assert.equal(named('a', 'song\u202Ecalf.exe'), 'a - song calf.exe.flac');
		assert.equal(named('\ud800', 'b'), 'b.flac');
	});

	it('fits on a disk, and ends with a whole character', () => {
		const name = named('𝄞'.repeat(300), '👩‍👩‍👧'.repeat(300));
		assert.ok(Buffer.byteLength(name) <= 210);
		assert.ok(name.isWellFormed());
		assert.match(name, /\.flac$/);
	});
});
