import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PageDescription } from './page-description.ts';
import { writeHeadTags } from './write-head-tags.ts';

const site = {
	appName: 'plyr.fm',
	tagline: 'music on atproto',
	publicUrl: 'https://music.example'
};

const HOSTILE = [
	'"><script>alert(1)</script>',
	"' onload='alert(1)",
	'</head><body>',
	'</script><script>alert(1)</script>',
	'<!--',
	'a\u0000b\u0007c',
	'turned \u202e around',
	'\ud800 half',
	'one\nline',
	'&quot;&amp;'
].join(' ');

/** Every tag, and the attributes of each: what a browser would make of it, if it is well-formed. */
function tagsOf(html: string): Record<string, string>[] {
	const tags: Record<string, string>[] = [];
	const rest = html.replace(
		/<(meta|link)((?: [a-z]+="[^"<>]*")+)>|<script type="application\/ld\+json">([^<>&]*)<\/script>/g,
		(_, name: string | undefined, attributes: string | undefined, json: string) => {
			const found: Record<string, string> = name ? { tag: name } : { tag: 'script', json };
			for (const [, key = '', value = ''] of (attributes ?? '').matchAll(/ ([a-z]+)="([^"]*)"/g)) {
				found[key] = value;
			}
			tags.push(found);
			return '';
		}
	);
	assert.equal(rest, '', 'there is nothing but tags');
	return tags;
}

const contents = (html: string): Record<string, string | undefined> =>
	Object.fromEntries(
		tagsOf(html)
			.filter(({ tag }) => tag === 'meta')
			.map(({ name, property = '', content }): [string, string | undefined] => [
				name ?? property,
				content
			])
	);

describe('the tags of a page', () => {
	it('are those of the site where a page says nothing about itself', () => {
		const tags = contents(writeHeadTags(site, null, 'settings - plyr.fm'));
		assert.deepEqual(tags, {
			description: 'music on atproto',
			'og:site_name': 'plyr.fm',
			'og:type': 'website',
			'og:title': 'settings - plyr.fm',
			'og:description': 'music on atproto',
			'og:image': 'https://music.example/icon-512.png',
			'og:image:secure_url': 'https://music.example/icon-512.png',
			'og:image:type': 'image/png',
			'og:image:width': '512',
			'og:image:height': '512',
			'twitter:card': 'summary',
			'twitter:title': 'settings - plyr.fm',
			'twitter:description': 'music on atproto',
			'twitter:image': 'https://music.example/icon-512.png'
		});
	});

	it('name one whole address, those of other forms, and what kind of thing it is', () => {
		const html = writeHeadTags(
			site,
			{
				path: '/track/7',
				type: 'music.song',
				title: 'a song - alice',
				description: 'alice • songs',
				image: { path: '/og/track/7.png', type: 'image/png', width: 1200, height: 630, alt: 'it' },
				properties: [['music:musician', '/u/alice.test']],
				alternates: [{ href: 'at://did:plc:x/fm.plyr.track/3' }, { href: '/feed', type: 'a/b' }],
				isHidden: true,
				structured: [{ '@type': 'MusicRecording' }]
			},
			'ignored'
		);
		const tags = contents(html);
		assert.equal(tags['og:url'], 'https://music.example/track/7');
		assert.equal(tags['og:title'], 'a song - alice');
		assert.equal(tags['music:musician'], 'https://music.example/u/alice.test');
		assert.equal(tags['twitter:card'], 'summary_large_image');
		assert.equal(tags['robots'], 'noindex');
		assert.deepEqual(
			tagsOf(html).filter(({ tag }) => tag === 'link'),
			[
				{ tag: 'link', rel: 'canonical', href: 'https://music.example/track/7' },
				{ tag: 'link', rel: 'alternate', href: 'at://did:plc:x/fm.plyr.track/3' },
				{ tag: 'link', rel: 'alternate', href: 'https://music.example/feed', type: 'a/b' }
			]
		);
		assert.equal(tagsOf(html).at(-1)?.['json'], '{"@type":"MusicRecording"}');
	});

	it('stay tags whatever people typed', () => {
		const hostile: PageDescription = {
			path: `/u/${HOSTILE}`,
			title: HOSTILE,
			description: HOSTILE,
			image: { path: `/${HOSTILE}`, type: HOSTILE, width: 1, height: 1, alt: HOSTILE },
			properties: [[HOSTILE, HOSTILE]],
			alternates: [{ href: HOSTILE, rel: HOSTILE, type: HOSTILE, title: HOSTILE }],
			structured: [{ name: `${HOSTILE}\u2028\u2029` }]
		};
		// throws where anything but tags is left over; a name is not typed by anybody
		const html = writeHeadTags(site, { ...hostile, properties: [] }, HOSTILE);
		const script = tagsOf(html).at(-1)?.['json'] ?? '';
		assert.deepEqual(JSON.parse(script), hostile.structured?.[0]);
		assert.doesNotMatch(
			html.split('<script')[0] ?? '',
			/[\u0000-\u001f\u202e\u2028\u2029]|\p{Surrogate}/u
		);
	});

	it('cut a long description between two characters', () => {
		const description = '👩‍👩‍👧'.repeat(100);
		const cut = contents(writeHeadTags(site, { path: '/', description }, ''))['description'] ?? '';
		assert.ok(cut.length <= 300);
		assert.match(cut, /^(?:👩‍👩‍👧)+…$/u);
	});

	it('take the name of the site where nothing of a title is to be seen', () => {
		assert.equal(contents(writeHeadTags(site, null, '\u200b'))['og:title'], 'plyr.fm');
	});
});
