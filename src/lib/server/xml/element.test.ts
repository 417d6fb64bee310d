import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { element, escapeXml, renderXml, textElement, xmlDocument } from './element.ts';

describe('an XML document', () => {
	it('says what it is told, in order', () => {
		const root = element('a', { b: 1, c: null }, textElement('d', 'x'), null, element('e'));
		assert.equal(
			xmlDocument(root),
			'<?xml version="1.0" encoding="UTF-8"?>\n<a b="1"><d>x</d><e/></a>\n'
		);
	});

	it('keeps markup a text', () => {
		assert.equal(
			renderXml(textElement('t', ']]></t><script>&amp;\'"')),
			'<t>]]&gt;&lt;/t&gt;&lt;script&gt;&amp;amp;&#39;&quot;</t>'
		);
		assert.equal(renderXml(element('t', { a: '"><x y="' })), '<t a="&quot;&gt;&lt;x y=&quot;"/>');
	});

	it('leaves out what XML cannot say', () => {
		assert.equal(escapeXml('a\u0000b\u0008c\ufffed\uffffe\u001bf'), 'abcdef');
		assert.equal(escapeXml('\ud800'), '\ufffd');
		assert.equal(escapeXml('🎵 \u202e'), '🎵 \u202e');
	});

	it('keeps lines in attributes', () => {
		assert.equal(escapeXml('a\r\n\tb'), 'a&#13;&#10;&#9;b');
	});
});
