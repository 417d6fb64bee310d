import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseHandle } from './handle.ts';

describe('a handle as people give it', () => {
	const understood: [string, string][] = [
		['alice.test', 'alice.test'],
		['  @Alice.Test ', 'alice.test'],
		['\u202aalice.test\u202c', 'alice.test'],
		['al\u200bice.test', 'alice.test'],
		['at://alice.test', 'alice.test'],
		['at://alice.test/fm.plyr.track/3k', 'alice.test'],
		['https://bsky.app/profile/alice.test', 'alice.test'],
		['https://bsky.app/profile/did:plc:abc', 'did:plc:abc'],
		['did:plc:z72i7hdynmk6r22z27h6tvur', 'did:plc:z72i7hdynmk6r22z27h6tvur'],
		['did:web:example.com', 'did:web:example.com']
	];
	for (const [given, meant] of understood) {
		it(`is ${meant} when it is given as ${JSON.stringify(given)}`, () => {
			assert.equal(parseHandle(given), meant);
		});
	}

	for (const given of [
		'',
		'alice',
		'alice@example.com',
		'a b',
		'http://evil.example',
		'did:x',
		'.test'
	]) {
		it(`is not ${JSON.stringify(given)}`, () => assert.equal(parseHandle(given), undefined));
	}
});
