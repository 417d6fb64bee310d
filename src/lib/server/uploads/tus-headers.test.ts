import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readChecksum, readCount, readMetadata, writeMetadata } from './tus-headers.ts';

describe('the headers of tus', () => {
	it('carry metadata in any language, and give it back', () => {
		const sent = { filename: 'träume 🎵.wav', title: '', album: undefined };
		const header = writeMetadata(sent);
		assert.deepEqual(Object.fromEntries(readMetadata(header)), {
			filename: sent.filename,
			title: ''
		});
		assert.equal(readMetadata(null).size, 0);
		assert.equal(readMetadata('is_private, a YQ==').get('is_private'), '');
	});

	it('refuse metadata that is no metadata', () => {
		for (const header of ['a b c', 'a YQ==,a YQ==', 'a ü', ',', 'a\tb YQ==']) {
			assert.throws(() => readMetadata(header), { code: 'bad_metadata' }, header);
		}
	});

	it('count in whole bytes', () => {
		const count = (value: string) =>
			readCount(new Headers({ 'upload-offset': value }), 'upload-offset');
		assert.equal(count('0'), 0);
		assert.equal(count('1610612736'), 1_610_612_736);
		assert.equal(readCount(new Headers(), 'upload-offset'), undefined);
		for (const value of ['-1', '1.5', '1e3', 'x', '', '9999999999999999']) {
			assert.throws(() => count(value), { code: 'bad_header' }, value);
		}
	});

	it('carry a sha256 and no weaker checksum', () => {
		const digest = Buffer.alloc(32, 7);
		assert.deepEqual(readChecksum(`sha256 ${digest.toString('base64')}`)?.digest, digest);
		assert.equal(readChecksum(null), undefined);
		for (const header of ['sha1 AAAA', 'sha256 AAAA', 'sha256', '']) {
			assert.throws(() => readChecksum(header), { code: 'bad_checksum' }, header);
		}
	});
});
