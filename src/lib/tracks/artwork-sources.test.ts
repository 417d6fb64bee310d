import assert from 'node:assert/strict';
import { it } from 'node:test';
import { artworkSources } from './artwork-sources.ts';

it('a picture of ours is offered in every size, whichever one the address asks for', () => {
	const sources = artworkSources('/images/0123456789abcdef?size=320');
	assert.equal(
		sources?.avif,
		'/images/0123456789abcdef?size=96&format=avif 96w, /images/0123456789abcdef?size=320&format=avif 320w, ' +
			'/images/0123456789abcdef?size=640&format=avif 640w, /images/0123456789abcdef?size=1200&format=avif 1200w'
	);
	assert.deepEqual(artworkSources('/images/0123456789abcdef'), sources);
	assert.match(sources.webp, /^\/images\/0123456789abcdef\?size=96&format=webp 96w, /);
});

it('a picture that is not ours comes as it is', () => {
	for (const src of [
		'https://cdn.example.org/images/0123456789abcdef',
		'/images/0123456789abcdef0',
		'/images/x?size=320',
		'blob:http://127.0.0.1/1',
		'data:image/webp;base64,AAAA'
	]) {
		assert.equal(artworkSources(src), null, src);
	}
});
