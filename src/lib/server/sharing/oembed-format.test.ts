import assert from 'node:assert/strict';
import { it } from 'node:test';
import { assertFormat, formatOembed } from './oembed-format.ts';

const answer = { version: '1.0', title: 'a & b <c>\u0000 "d"', width: 600 };

it('an answer is json, or xml in which nothing somebody typed is markup', () => {
	for (const format of [null, '', 'json']) {
		const { contentType, body } = formatOembed(format, answer);
		assert.equal(contentType, 'application/json');
		assert.deepEqual(JSON.parse(body), answer);
	}
	assert.deepEqual(formatOembed('xml', answer), {
		contentType: 'text/xml; charset=utf-8',
		body:
			'<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n<oembed><version>1.0</version>' +
			'<title>a &amp; b &lt;c&gt;\ufffd &quot;d&quot;</title><width>600</width></oembed>\n'
	});
});

it('there is no other format', () => {
	for (const format of ['yaml', 'JSON ', 'jsonp']) {
		assert.throws(() => assertFormat(format), { status: 501, code: 'format_unknown' });
	}
});
