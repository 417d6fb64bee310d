import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DomainError } from '#lib/server/errors.ts';
import { readFields, readFileName } from './fields.ts';

const refusal = (sent: Parameters<typeof readFields>[0]) => {
	try {
		readFields(sent);
	} catch (cause) {
		assert.ok(cause instanceof DomainError);
		assert.equal(cause.status, 422);
		return cause.detail as { field: string; message: string };
	}
	return assert.fail('it was taken');
};

describe('what is said about a track', () => {
	it('is kept without the space around it, and without what was left empty', () => {
		const sent = { title: ' a song ', album: '', description: '  ', features: '' };
		assert.deepEqual(readFields(sent), { title: 'a song' });
		assert.deepEqual(readFields({}), {}, 'nothing needs to be said');
		assert.deepEqual(readFields({ title: ' ' }), {});
	});

	it('has no control characters, and none that turn the direction of what follows', () => {
		const evil = 'a\u0007\u009b\r\n \tb\u202ec\u202a\u202b\u202c\u202d\u2066\u2067\u2068\u2069\0';
		assert.deepEqual(readFields({ title: evil, album: evil }), { title: 'a bc', album: 'a bc' });
		const description = 'one\r\n\ttwo\u0007\u202ethree\n\nfour\rfive\0';
		assert.equal(
			readFields({ title: 'a', description }).description,
			'one\n\ttwo three\n\nfour\nfive'
		);
		assert.deepEqual(readFields({ title: 'a', album: '\u202e\0', description: '\u2066' }), {
			title: 'a'
		});
		assert.deepEqual(readFields({ title: '\0\u202e' }), {});
		assert.equal(readFields({ title: 'שלום \u200fمرحبا 👩‍🎤' }).title, 'שלום \u200fمرحبا 👩‍🎤');
	});

	it('is refused when its bytes were not text', () => {
		for (const field of ['title', 'album', 'description']) {
			const read = refusal({ title: 'a', [field]: 'caf\ufffd' });
			assert.equal(read.field, field);
			assert.match(read.message, /contains a character that cannot be kept/);
		}
	});

	it('counts bytes, as records do', () => {
		assert.equal(readFields({ title: '🎵'.repeat(64) }).title?.length, 128);
		assert.deepEqual(refusal({ title: '🎵'.repeat(65) }).field, 'title');
		assert.deepEqual(refusal({ title: 'a', album: 'é'.repeat(129) }).field, 'album');
		assert.deepEqual(refusal({ title: 'a', description: 'é'.repeat(2501) }).field, 'description');
	});

	it('names the field that does not fit, and why', () => {
		assert.deepEqual(refusal({ title: 'a', features: 'bob' }), {
			field: 'features',
			message: 'features must be a JSON array of handles'
		});
		assert.deepEqual(refusal({ title: 'a', features: '[1]' }), {
			field: 'features',
			message: 'each feature must be a string handle'
		});
		assert.match(refusal({ title: 'a\ud800' }).message, /cannot be kept/);
		assert.equal(refusal({ title: 'a', image_id: '../../etc' }).field, 'image_id');
	});

	it('names at most ten featured artists, each once', () => {
		const handles = (count: number) =>
			JSON.stringify(Array.from({ length: count }, (_, i) => `artist${i}.example.com`));
		assert.equal(readFields({ title: 'a', features: handles(10) }).features?.length, 10);
		assert.equal(
			refusal({ title: 'a', features: handles(11) }).message,
			'maximum 10 featured artists allowed'
		);
		const twice = '["Bob.Test", "@bob.test"]';
		assert.deepEqual(readFields({ title: 'a', features: twice }).features, ['bob.test']);
	});
});

describe('the name of a file', () => {
	it('has no path, no control characters, and an end', () => {
		assert.equal(readFileName('C:\\music\\song.wav'), 'song.wav');
		assert.equal(readFileName('../../etc/passwd'), 'passwd');
		assert.equal(readFileName('a\0\nb.wav'), 'ab.wav');
		assert.equal(readFileName('a\u202evaw.\u2066mp3\u0085'), 'avaw.mp3');
		assert.equal(readFileName('x'.repeat(500))?.length, 200);
		assert.ok(readFileName('🎵'.repeat(150))?.isWellFormed());
	});

	it('may be missing', () => {
		for (const nothing of [undefined, '', '  ', 'folder/', '\x00']) {
			assert.equal(readFileName(nothing), null);
		}
	});
});
