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

it('a small picture is not offered larger than any screen would show it', () => {
	const small = artworkSources('/images/0123456789abcdef', 56);
	assert.equal(
		small?.webp,
		'/images/0123456789abcdef?size=96&format=webp 96w, /images/0123456789abcdef?size=320&format=webp 320w'
	);
	const middle = artworkSources('/images/0123456789abcdef', 160);
	assert.match(middle?.avif ?? '', /640w$/);
	assert.deepEqual(
		artworkSources('/images/0123456789abcdef', 320),
		artworkSources('/images/0123456789abcdef')
	);
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
