import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { linkedText } from './linked-text.ts';

const links = (text: string) => linkedText(text).flatMap(({ href }) => href ?? []);
const shown = (text: string) =>
	linkedText(text)
		.map((part) => part.text)
		.join('');

describe('a text with addresses in it', () => {
	it('is shown whole, its addresses apart from its words', () => {
		assert.deepEqual(linkedText('hear https://example.org/a?b=c#d, or not'), [
			{ text: 'hear ', href: null },
			{ text: 'https://example.org/a?b=c#d', href: 'https://example.org/a?b=c#d' },
			{ text: ', or not', href: null }
		]);
		assert.deepEqual(linkedText('no address'), [{ text: 'no address', href: null }]);
		assert.deepEqual(linkedText(''), []);
	});

	it('leaves the end of a sentence out of an address, and a bracket in that belongs to it', () => {
		assert.deepEqual(links('(see https://example.org/a). https://example.org/b!'), [
			'https://example.org/a',
			'https://example.org/b'
		]);
		assert.deepEqual(links('https://example.org/wiki/Tide_(song).'), [
			'https://example.org/wiki/Tide_(song)'
		]);
	});

	it('makes links of http and https only', () => {
		for (const text of [
			'javascript:alert(1)',
			'data:text/html,<script>',
			'javascript://example.org/%0aalert(1)',
			'ftp://example.org',
			'https://',
			'https://[',
			'https://bank.example.org@evil.example.org/',
			'http://user:secret@example.org/',
			'mailto:a@example.org',
			'//example.org'
		]) {
			assert.deepEqual(links(text), [], text);
			assert.equal(shown(text), text);
		}
	});

	it('ends an address where markup could begin', () => {
		assert.deepEqual(links('https://example.org/"onmouseover="alert(1)'), ['https://example.org/']);
		assert.deepEqual(links('https://example.org/<b>'), ['https://example.org/']);
	});

	it('takes away what turns or hides words, and keeps its lines', () => {
		assert.equal(shown('a\u202eb\u2066c\u2069\u0000d\u0007\r\ne\tf'), 'abcd\ne\tf');
		assert.deepEqual(links('https://example.org/\u202egpj.exe'), ['https://example.org/gpj.exe']);
		assert.equal(shown('مرحبا 👩‍👩‍👧 é'), 'مرحبا 👩‍👩‍👧 é');
	});

	it('is done with a long one at once', () => {
		const startedAt = performance.now();
		linkedText('https://example.org/(' + '('.repeat(50_000) + '!'.repeat(50_000));
		linkedText('http://'.repeat(20_000));
		assert.ok(performance.now() - startedAt < 1_000);
	});
});
