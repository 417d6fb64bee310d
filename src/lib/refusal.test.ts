import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readRefusal } from './refusal.ts';

describe('a refused upload', () => {
	it("is told in the server's own words", () => {
		const body = '{"detail":"this file is empty","code":"empty_file","request_id":"r"}';
		const refusal = readRefusal(400, body);
		assert.equal(refusal.message, 'this file is empty');
		assert.equal(refusal.code, 'empty_file');
	});

	it('names the field that does not fit', () => {
		const body =
			'{"detail":{"field":"title","message":"a track needs a title"},"code":"invalid_field"}';
		assert.equal(readRefusal(422, body).message, 'a track needs a title');
		assert.equal(readRefusal(422, body).field, 'title');
	});

	it('never shows what a proxy in between answered', () => {
		const refusal = readRefusal(413, '<html><h1>Request Entity Too Large</h1></html>');
		assert.equal(refusal.message, 'the file is larger than this site takes');
		assert.equal(refusal.code, null);
		assert.match(readRefusal(0, '').message, /connection .* lost/);
		assert.match(readRefusal(502, 'null').message, /try again/);
	});
});
