import assert from 'node:assert/strict';
import { it } from 'node:test';
import { feedAlternates } from './alternates.ts';

it('a page names its feeds, home too', () => {
	assert.deepEqual(feedAlternates('/u/alice.test', 'Alice'), [
		{
			rel: 'alternate',
			type: 'application/rss+xml',
			title: 'Alice (rss)',
			href: '/u/alice.test/feed.xml'
		},
		{
			rel: 'alternate',
			type: 'application/atom+xml',
			title: 'Alice (atom)',
			href: '/u/alice.test/feed.atom'
		}
	]);
	assert.equal(feedAlternates('/', 'plyr.fm')[0]?.href, '/feed.xml');
});
