import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { podcastGuid } from './podcast-guid.ts';

describe('the guid of a podcast', () => {
	it('is the one of the specification’s example', () => {
		// https://podcasting2.org/docs/podcast-namespace/tags/guid
		assert.equal(
			podcastGuid('https://mp3s.nashownotes.com/pc20rss.xml'),
			'917393e3-1b1e-5cef-ace4-edaa54e1f810'
		);
	});

	it('does not care about the scheme and slashes at the end', () => {
		const one = podcastGuid('https://plyr.example.org/u/did:plc:a/');
		assert.equal(one, podcastGuid('http://plyr.example.org/u/did:plc:a'));
		assert.notEqual(one, podcastGuid('https://plyr.example.org/u/did:plc:b'));
	});
});
