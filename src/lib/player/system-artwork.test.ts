import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemArtwork } from './system-artwork.ts';

const base = 'https://plyr.example.org/track/1';
const imageUrl = '/images/0123456789abcdef?size=1200';

describe('artwork for the media panel of the system', () => {
	it('is there in every size we have, as jpeg', () => {
		const all = systemArtwork({ imageUrl, imageEdgePx: 1200 }, base);
		assert.deepEqual(all[0], {
			src: 'https://plyr.example.org/images/0123456789abcdef?size=96&format=jpeg',
			sizes: '96x96',
			type: 'image/jpeg'
		});
		assert.deepEqual(
			all.map(({ sizes }) => sizes),
			['96x96', '320x320', '640x640', '1200x1200']
		);
	});

	it('is said to be no larger than it is', () => {
		const sizesOf = (imageEdgePx: number | null) =>
			systemArtwork({ imageUrl, imageEdgePx }, base).map(({ sizes }) => sizes);
		assert.deepEqual(sizesOf(500), ['96x96', '320x320', '500x500']);
		assert.deepEqual(sizesOf(64), ['64x64']);
		assert.equal(sizesOf(null).length, 4);
	});

	it('is the one address there is when it is not ours, and nothing without any', () => {
		const imageUrl = 'https://cdn.example.org/a.png';
		assert.deepEqual(systemArtwork({ imageUrl, imageEdgePx: null }, base), [{ src: imageUrl }]);
		assert.deepEqual(systemArtwork({ imageUrl: null, imageEdgePx: null }, base), []);
	});
});
