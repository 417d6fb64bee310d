import assert from 'node:assert/strict';
import { it } from 'node:test';
import { blueskyPost } from './bluesky-post.ts';
import { embedCodeOf, type SharedPage } from './shared-page.ts';

const page: SharedPage = {
	...{ url: 'https://music.example/track/7', embedUrl: 'https://music.example/embed/track/7' },
	...{ title: 'low & high "water"', by: 'alice', embedHeightPx: 164, recordUri: null }
};
const textOf = (address: string) => new URL(address).searchParams.get('text') ?? '';

it('a post is prepared with what it is about and its address', () => {
	assert.equal(textOf(blueskyPost(page)), `low & high "water" by alice ${page.url}`);
	assert.equal(textOf(blueskyPost({ ...page, by: null, title: 'alice' })), `alice ${page.url}`);
});

it('a name that is too long for a post is cut between two characters', () => {
	const text = textOf(blueskyPost({ ...page, title: '👩‍👩‍👧'.repeat(400) }));
	const graphemes = [...new Intl.Segmenter('en').segment(text)];
	assert.equal(graphemes.length, 300);
	assert.match(text, /^(?:👩‍👩‍👧)+… https:\/\/music\.example\/track\/7$/u);
	assert.doesNotThrow(() => blueskyPost({ ...page, title: '\ud800' }));
});

it('a code for other pages is one frame, whatever somebody called it', () => {
	assert.equal(
		embedCodeOf({ ...page, title: `"><script>'` }),
		'<iframe src="https://music.example/embed/track/7" title="&quot;&gt;&lt;script&gt;&#39; by alice" ' +
			'width="100%" height="164" frameborder="0" loading="lazy" allow="autoplay" ' +
			'sandbox="allow-scripts allow-popups allow-popups-to-escape-sandbox"></iframe>'
	);
});
