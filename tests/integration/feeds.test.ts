import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { assertValidXml, xpathTexts } from '../validators/xml.ts';
import { type LocalSite, startLocalSite } from './local-site.ts';
import { becomeArtist, publishTrack, sendJson } from './published-music.ts';
import { askRaw, decoded } from './raw-answer.ts';
import type { Visitor } from './visitor.ts';

describe('what other programs read of the site', () => {
	let site: LocalSite;
	let alice: Visitor;
	let ids: number[];
	let albumId: string;
	const get = (path: string, headers: Record<string, string> = {}) =>
		fetch(new URL(path, site.url), { headers, redirect: 'manual' });

	before(async () => {
		site = await startLocalSite();
		alice = await becomeArtist(site.url, 'alice');
		ids = [
			await publishTrack(alice, {
				title: 'one <b>',
				tags: 'drum & bass',
				description: 'a & b <i>'
			}),
			await publishTrack(alice, { title: 'two' })
		];
		for (const id of ids) {
			const changed = await sendJson(alice, 'PATCH', `/api/tracks/${id}`, {
				tags: ['drum & bass']
			});
			assert.equal(changed.status, 200, await changed.clone().text());
		}
		const made = await sendJson(alice, 'POST', '/api/albums', {
			title: 'An Album',
			track_ids: [...ids].reverse()
		});
		assert.equal(made.status, 201, await made.clone().text());
		({ id: albumId } = (await made.json()) as { id: string });
	});
	after(() => site.close());

	const FEEDS = ['', '/u/alice.test', '/u/alice.test/album/an-album', '/tag/drum%20%26%20bass'];

	it('are feeds of the site, an artist, an album and a tag', async () => {
		for (const place of FEEDS) {
			for (const [file, type, schema] of [
				['feed.xml', 'application/rss+xml; charset=utf-8', 'rss'],
				['feed.atom', 'application/atom+xml; charset=utf-8', 'atom']
			] as const) {
				const answer = await get(`${place}/${file}`);
				assert.equal(answer.status, 200, place);
				assert.equal(answer.headers.get('content-type'), type);
				assert.equal(answer.headers.get('cache-control'), 'public, max-age=300');
				assert.equal(answer.headers.get('access-control-allow-origin'), '*');
				assert.equal(answer.headers.get('set-cookie'), null);
				const text = await answer.text();
				await assertValidXml(text, schema);
				assert.equal(text.match(/<(?:item|entry)>/g)?.length, 2, place);
			}
		}
	});

	it('are not sent again to whoever has them, and not as long as they are', async () => {
		const first = await get('/feed.xml');
		const etag = first.headers.get('etag') ?? '';
		const unchanged = await get('/feed.xml', { 'if-none-match': etag });
		assert.equal(unchanged.status, 304);
		assert.equal(unchanged.headers.get('etag'), etag);
		// a track that went since then changes no time in it
		const now = { 'if-modified-since': new Date().toUTCString() };
		assert.equal((await get('/feed.xml', now)).status, 200);
		const other = { 'if-none-match': '"another"', ...now };
		assert.equal((await get('/feed.xml', other)).status, 200);
		const packed = await askRaw(`${site.url}/feed.xml`, { 'accept-encoding': 'gzip' });
		assert.equal(packed.headers['content-encoding'], 'gzip');
		assert.equal(decoded(packed), await first.text());
		const head = await askRaw(`${site.url}/feed.xml`, {}, 'HEAD');
		assert.deepEqual([head.status, head.bytes.length], [200, 0]);
	});

	it('name the audio by its real length and type, and a square picture large enough', async () => {
		const text = await (await get('/u/alice.test/feed.xml')).text();
		const read = (expression: string) => xpathTexts(text, `string(//item[1]/${expression})`);
		const audio = await fetch(await read('enclosure/@url'));
		assert.equal(audio.headers.get('content-type'), await read('enclosure/@type'));
		const bytes = await audio.arrayBuffer();
		assert.equal(String(bytes.byteLength), await read('enclosure/@length'));
		assert.equal(await read('*[local-name()="duration"]'), '1');
		const picture = await fetch(await read('*[local-name()="image"]/@href'));
		assert.equal(picture.headers.get('content-type'), 'image/jpeg');
		const { width, height } = await sharp(await picture.arrayBuffer()).metadata();
		assert.deepEqual([width, height], [1400, 1400]);
		assert.match(await read('guid'), /^at:\/\/did:plc:/);
		const cover = await xpathTexts(text, 'string(/rss/channel/image/url)');
		assert.equal((await fetch(cover)).status, 200);
	});

	it('are in the order of the album', async () => {
		const text = await (await get('/u/alice.test/album/an-album/feed.xml')).text();
		assert.equal(await xpathTexts(text, 'string(//item[1]/link)'), `${site.url}/track/${ids[1]}`);
	});

	it('have changed when their album has', async () => {
		const path = '/u/alice.test/album/an-album/feed.atom';
		const updated = async () => {
			const text = await (await get(path)).text();
			return Date.parse(await xpathTexts(text, 'string(/*/*[name()="updated"])'));
		};
		const before = await updated();
		// feeds have whole seconds
		await sleep(1_100);
		const changes = { description: 'another one' };
		const changed = await sendJson(alice, 'PATCH', `/api/albums/${albumId}`, changes);
		assert.equal(changed.status, 200, await changed.clone().text());
		const now = await updated();
		assert.ok(now > before, `${now} is not later than ${before}`);
	});

	it('are nothing of nobody', async () => {
		for (const path of [
			'/feed.json',
			'/feed.constructor',
			'/u/alice.test/feed.rss',
			'/u/nobody.test/feed.xml',
			'/tag/none/feed.atom',
			'/feed.xml?cursor=x'
		]) {
			const answer = await get(path);
			assert.equal(answer.status, path.includes('cursor') ? 422 : 404, path);
			assert.match(answer.headers.get('content-type') ?? '', /json/);
		}
		const moved = await get('/tag/Drum%20%26%20Bass/feed.xml');
		assert.deepEqual(
			[moved.status, moved.headers.get('location')],
			[308, '/tag/drum%20%26%20bass/feed.xml']
		);
		assert.equal(moved.headers.get('cache-control'), 'no-cache', 'it may move back');
		const gone = await get('/u/alice.test/album/an-album/feed.xml?cursor=t999');
		assert.equal(gone.status, 422, 'it does not start over');
	});

	it('is a sitemap whose pages are all there, and robots.txt that names it', async () => {
		const robots = await (await get('/robots.txt')).text();
		const address = /^Sitemap: (.*)$/m.exec(robots)?.[1] ?? '';
		assert.equal(address, `${site.url}/sitemap.xml`);
		const index = await get('/sitemap.xml');
		assert.equal(index.headers.get('content-type'), 'application/xml; charset=utf-8');
		const text = await index.text();
		await assertValidXml(text, 'sitemap-index');
		const locations = (document: string) =>
			[...document.matchAll(/<loc>(.*?)<\/loc>/g)].map(([, loc = '']) => loc);
		const pages: string[] = [];
		for (const part of locations(text)) {
			const answer = await askRaw(part, { 'accept-encoding': 'br' });
			assert.equal(answer.headers['content-encoding'], 'br');
			await assertValidXml(decoded(answer), 'sitemap');
			pages.push(...locations(decoded(answer)));
		}
		const paths = pages.map((page) => page.replace(site.url, ''));
		assert.deepEqual(paths, [
			'/',
			'/about',
			'/terms',
			'/privacy',
			'/costs',
			'/docs/api',
			...ids.map((id) => `/track/${id}`),
			'/u/alice.test/album/an-album',
			'/u/alice.test',
			'/tag/drum%20%26%20bass'
		]);
		assert.equal((await get('/sitemap-tracks-2.xml')).status, 404);
	});
});
