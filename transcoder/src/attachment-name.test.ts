import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { attachmentHeader } from './attachment-name.ts';

describe('the name of a converted file', () => {
	it('is the received name with the new extension', () => {
		assert.equal(attachmentHeader('song.flac', 'mp3'), 'attachment; filename="song.mp3"');
		assert.equal(attachmentHeader('v1.2 mix.wav', 'm4a'), 'attachment; filename="v1.2 mix.m4a"');
	});

	it('is audio when nothing was received that could name a file', () => {
		for (const name of [null, '', '.wav', '...', '/', '"*?.wav']) {
			assert.equal(attachmentHeader(name, 'ogg'), 'attachment; filename="audio.ogg"', String(name));
		}
	});

	it('never carries a folder, a quote or a line break', () => {
		assert.equal(attachmentHeader('../../etc/passwd', 'wav'), 'attachment; filename="passwd.wav"');
		assert.equal(attachmentHeader('C:\\music\\a.wav', 'wav'), 'attachment; filename="a.wav"');
		const header = attachmentHeader('a"; x="\r\nset-cookie: b.wav', 'wav');
		assert.equal(header, 'attachment; filename="a; x=set-cookie b.wav"');
		assert.equal(attachmentHeader('%22a%22.wav', 'wav'), 'attachment; filename="a.wav"');
	});

	it('is also given in full when it is not ASCII', () => {
		assert.equal(
			attachmentHeader("Ænima — l'été.flac", 'opus'),
			`attachment; filename="_nima _ l'ete.opus"; filename*=UTF-8''%C3%86nima%20%E2%80%94%20l%27%C3%A9t%C3%A9.opus`
		);
	});

	it('is shortened between characters', () => {
		const header = attachmentHeader(`${'🎵'.repeat(500)}.wav`, 'mp3');
		assert.ok(header.length < 2000);
		assert.ok(header.endsWith('%F0%9F%8E%B5.mp3'));
	});
});
