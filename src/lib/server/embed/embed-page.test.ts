import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import type { EmbedContent } from './embed-content.ts';
import { readEmbedOptions } from './embed-options.ts';
import { embedMessage, embedPage } from './embed-page.ts';

const site = { appName: 'plyr.fm', publicUrl: 'https://music.example' };
const options = readEmbedOptions(new URLSearchParams());
const content: EmbedContent = {
	kind: 'album',
	title: 'tides',
	path: '/u/alice.test/album/tides',
	byline: { name: 'alice', path: '/u/alice.test' },
	facts: '1 track',
	imageUrl: null,
	isExplicit: false,
	color: null,
	tracks: [
		{ id: 7, title: 'low water', path: '/track/7', audioPath: '/audio/x', durationMs: 61_000 }
	],
	hasMore: true,
	peaks: null
};
const HOSTILE = `"><script>alert(1)</script>' onload='x </style>\u0000\u202e`;
const PATH = `/u/"><script>' onload='x </style>`;

describe('a player for pages of others', () => {
	it('reads how it is to look from its address, and leaves out what does not fit', () => {
		const read = (query: string) => readEmbedOptions(new URLSearchParams(query));
		assert.deepEqual(read('theme=light&accent=FF8800&compact=1&t=1m'), {
			...{ theme: 'light', accent: '#ff8800', isCompact: true, startSeconds: 60 }
		});
		const usual = { theme: 'system', accent: null, isCompact: false, startSeconds: 0 };
		assert.deepEqual(read('theme=%22%3E&accent=red;}&compact=0&t=-1'), usual);
		assert.equal(read('accent=%23abcdef').accent, '#abcdef');
	});

	it('allows by its policy the very script and style it has, and no other', () => {
		const { html, contentSecurityPolicy: policy } = embedPage(site, content, options);
		for (const [tag, directive] of [
			['script', 'script-src'],
			['style', 'style-src']
		] as const) {
			const code = new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(html)?.[1] ?? '';
			const hash = createHash('sha256').update(code).digest('base64');
			assert.ok(policy.includes(`${directive} 'sha256-${hash}';`), tag);
			assert.equal(html.split(`<${tag}`).length, 2, 'there is one');
		}
		const message = embedMessage(site, 'gone', options);
		assert.match(message.contentSecurityPolicy, /script-src 'none'/);
		assert.doesNotMatch(message.html, /<script/);
	});

	it('blurs the picture of what is explicit, and says what it is', () => {
		const shown = { ...content, imageUrl: '/images/x' };
		const veiled = embedPage(site, { ...shown, isExplicit: true }, options).html;
		assert.match(veiled, /<div class="art veiled">[^]* • explicit/);
		assert.match(veiled, /\.veiled img\{filter:blur/);
		assert.doesNotMatch(embedPage(site, shown, options).html, /class="art veiled"| • explicit/);
	});

	it('stays what it is whatever somebody called it', () => {
		const hostile: EmbedContent = {
			...{ ...content, title: HOSTILE, imageUrl: PATH, path: PATH },
			byline: { name: HOSTILE, path: PATH },
			tracks: [{ id: 1, title: HOSTILE, path: PATH, audioPath: PATH, durationMs: null }]
		};
		const shape = (html: string) =>
			html
				.replace(/<script>[^]*<\/script>|<style>[^]*<\/style>/g, '')
				.match(/<\/?[a-z]+/g)
				?.filter((tag) => tag !== '<time' && tag !== '</time' && tag !== '<img')
				.filter((tag) => !/svg|circle|<g$|<\/g$/.test(tag));
		const { html } = embedPage(site, hostile, options);
		assert.deepEqual(shape(html), shape(embedPage(site, content, options).html));
		assert.doesNotMatch(html, /[\u0000\u202e]/);
		assert.doesNotMatch(
			embedMessage(site, HOSTILE, options).html,
			/<script|<\/style>[^]*<\/style>/
		);
	});
});
