import assert from 'node:assert/strict';
import { writeFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright';
import sharp from 'sharp';
import type { TrackResponse } from '#lib/server/tracks/track-response.ts';
import { headTagsOf } from '../integration/head-tags.ts';
import { assertValidXml, xpathTexts } from '../validators/xml.ts';
import { htmlFaults } from '../validators/html.ts';
import { visit, type Visit } from './browser.ts';
import { HOSTILE_LINES, HOSTILE_TEXT, watchPolicy, wrongWith } from './hostile-words.ts';
import { type MusicSite, startMusicSite } from './music-site.ts';
import { openProductDatabase } from './product-database.ts';
import { makeAudio } from './sample-files.ts';
import { beginRelease, ready } from './upload-pages.ts';

const NAME = `"><script>globalThis.isHacked=1</script>]]>&lt;b&gt; \u05d0\u05d1`;
const TAGS = [
	`"><img src=x onerror=isHacked=1`,
	'</script><script>',
	']]>&#x3c;',
	'javascript:alert'
];
/** A page is waited for most of the time: each of them opens some. */
const STRANGERS = 3;
const GROUP_LIMIT_MS = 240_000;

describe('whatever somebody writes, it is shown and does nothing', { timeout: 600_000 }, () => {
	let site: MusicSite;
	let strangers: Visit[];
	let tracks: TrackResponse[];
	let draft: string;
	let tags: string[];

	before(async () => {
		site = await startMusicSite(NAME);
		tracks = await Promise.all(
			HOSTILE_LINES.map((line, index) =>
				site.publish(
					{
						title: fit(line),
						album: index < 2 ? fit(HOSTILE_LINES[index] ?? '') : '',
						description: HOSTILE_TEXT
					},
					{ hasPicture: index % 2 === 0 }
				)
			)
		);
		await send('PATCH', `/api/tracks/${first().id}`, { tags: TAGS });
		const tagged = await site.alice.context.request.get(site.at(`/api/tracks/${first().id}`));
		({ tags } = (await tagged.json()) as TrackResponse);
		assert.equal(tags.length, TAGS.length);
		await send('PUT', '/api/artists/me', { bio: HOSTILE_TEXT.slice(0, 240) });
		await send('PATCH', '/api/preferences', { theme: 'system' });
		await tellLies(site, tracks);
		const named = path.join(site.dir, `"><img src=x onerror=isHacked=1> \u202e ]]>.mp3`);
		await makeAudio(path.join(site.dir, 'draft.mp3'), { seconds: 2, frequencyHz: 1_111 });
		await rename(path.join(site.dir, 'draft.mp3'), named);
		draft = await beginRelease(site.alice.page, site.product.url, [named]);
		await ready(site.alice.page, 1);
		strangers = await Promise.all(Array.from({ length: STRANGERS }, () => visit(site.browser)));
		for (const { context } of [site.alice, ...strangers]) await context.addInitScript(watchPolicy);
	});
	after(() => site.close());

	const first = () => {
		const [track] = tracks;
		assert.ok(track);
		return track;
	};
	const album = () => `/u/alice.test/album/${encodeURIComponent(first().album?.slug ?? '')}`;
	const tagPaths = () => tags.map((tag) => `/tag/${encodeURIComponent(tag)}`);

	async function send(method: string, to: string, data: unknown): Promise<void> {
		const answer = await site.alice.context.request.fetch(site.at(to), {
			method,
			headers: { origin: site.product.url },
			data
		});
		assert.ok(answer.ok(), `${method} ${to}: ${answer.status()} ${await answer.text()}`);
	}

	/** Opens pages one after another. @returns what is wrong with them */
	async function wrongOn({ page, complaints }: Visit, addresses: readonly string[]) {
		const found: string[] = [];
		await page.setViewportSize({ width: 360, height: 740 });
		complaints.length = 0;
		for (const address of addresses) {
			await page.goto(site.at(address));
			await page.waitForLoadState('networkidle');
			found.push(...(await wrongWith(page)).map((one) => `${address}: ${one}`));
			await keepPicture(page, address);
		}
		// what is not there is answered with its status
		return [...found, ...complaints.filter((one) => !/status of 4\d\d/.test(one))];
	}

	/** The same, by people who are not signed in, some pages each. */
	async function wrongForStrangers(addresses: readonly string[]): Promise<string[]> {
		const found = await Promise.all(
			strangers.map((one, index) =>
				wrongOn(
					one,
					addresses.filter((_, place) => place % STRANGERS === index)
				)
			)
		);
		return found.flat();
	}

	it('on every page of music', { timeout: GROUP_LIMIT_MS }, async () => {
		const pages = [
			...['/', '/u/alice.test', '/u/alice.test/liked', album(), ...tagPaths()],
			...tracks.flatMap(({ id }) => [`/track/${id}`]),
			...[`/track/${first().id}/likes`, `/track/${first().id}/like`]
		];
		assert.deepEqual(await wrongForStrangers(pages), []);
	});

	it('on every page of its artist', { timeout: GROUP_LIMIT_MS }, async () => {
		const pages = [
			...['/liked', '/portal', '/portal/catalogue', '/portal/plays', '/portal/profile'],
			...tracks.flatMap(({ id }) => [`/track/${id}/edit`]),
			...[`/track/${first().id}`, `/track/${first().id}/delete`, `/track/${first().id}/replace`],
			...[`${album()}/edit`, '/upload', `/upload/${draft}`]
		];
		assert.deepEqual(await wrongOn(site.alice, pages), []);
	});

	it('where it is asked for in an address', { timeout: GROUP_LIMIT_MS }, async () => {
		const pages = HOSTILE_LINES.slice(0, 7).flatMap((line) => {
			const words = encodeURIComponent(line.slice(0, 190));
			return [
				...[`/search?q=${words}`, `/search?q=${words}&kind=track`, `/tag/${words}`, `/u/${words}`],
				...[`/login?return_to=${words}`, `/login?handle=${words}`, `/no/${words}`],
				...[`/offline?from=${words}`, `/?cursor=${words}`, `/track/${first().id}?t=${words}`],
				`/track/${first().id}/like?return_to=${words}`
			];
		});
		assert.deepEqual(await wrongForStrangers(pages), []);
	});

	it('in players on other pages', { timeout: GROUP_LIMIT_MS }, async () => {
		const color = encodeURIComponent(`888;}</style><script>isHacked=1</script>`);
		const pages = [
			...tracks.map(({ id }) => `/embed/track/${id}`),
			...[
				'/embed/artist/alice.test',
				`/embed${album().replace('/u/alice.test/album/', '/album/alice.test/')}`
			],
			...[
				`/embed/track/${first().id}?theme=${color}&accent=${color}&t=${color}`,
				`/embed/track/${color}`
			]
		];
		assert.deepEqual(await wrongForStrangers(pages), []);
	});

	it('in the player, the queue, the menus, the messages, and while one types', async () => {
		const { page, complaints } = site.alice;
		complaints.length = 0;
		await page.setViewportSize({ width: 1280, height: 800 });
		await page.goto(site.at('/u/alice.test'));
		const found: string[] = [];
		const see = async (what: string) => {
			await page.waitForTimeout(300);
			found.push(...(await wrongWith(page)).map((one) => `${what}: ${one}`));
		};
		const rows = page.getByRole('list', { name: /^tracks of/ }).getByRole('listitem');
		const count = await rows.count();
		assert.equal(count, tracks.length);
		for (let index = 0; index < count; index++) {
			await rows
				.nth(index)
				.getByRole('button', { name: /^more for / })
				.click();
			await page.getByRole('menuitem', { name: 'add to queue' }).click();
		}
		await rows
			.first()
			.getByRole('button', { name: /^like / })
			.click();
		await page
			.getByRole('region', { name: 'notifications' })
			.getByText(/^liked /)
			.waitFor();
		await see('messages');
		await page.keyboard.press('q');
		await page.getByRole('complementary', { name: 'queue' }).waitFor();
		await see('queue');
		for (const button of await page.getByRole('button', { name: /^(share|copied!)$/ }).all()) {
			await button.click();
			await page.getByRole('dialog', { name: /^share / }).waitFor();
			await see('share panel');
			await page.keyboard.press('Escape');
		}
		await page.keyboard.press('Control+k');
		const field = page.getByRole('combobox', { name: 'what are you looking for?' });
		for (const words of ['"><img', '</script>', 'artist:"><script>', '\u202e', 'alert']) {
			await field.fill(words);
			await see(`search for ${words}`);
		}
		await field.fill('onerror');
		await page.getByRole('option').first().waitFor();
		await see('found');
		await page.keyboard.press('Escape');
		const bar = page.getByRole('region', { name: 'player' });
		for (let index = 0; index < count; index++) {
			await bar.getByRole('button', { name: 'next', exact: true }).click();
			await see('player');
			if (await bar.getByRole('button', { name: 'next', exact: true }).isDisabled()) break;
		}
		assert.deepEqual(found, []);
		assert.deepEqual(
			complaints.filter((one) => !/status of 4\d\d/.test(one)),
			[]
		);
	});

	it('in feeds, sitemaps and oembed, which are well-formed', async () => {
		const places = ['', '/u/alice.test', album(), tagPaths()[0] ?? ''];
		for (const place of places) {
			const rss = await read(`${place}/feed.xml`);
			await assertValidXml(rss, 'rss');
			await assertValidXml(await read(`${place}/feed.atom`), 'atom');
			assert.match(await xpathTexts(rss, 'count(//item)'), /^[1-9]/);
		}
		const titles = await xpathTexts(await read('/u/alice.test/feed.xml'), '//item/title/text()');
		assert.match(titles, /&lt;img src=x onerror=/);
		assert.doesNotMatch(titles, /<img/);
		const index = await read('/sitemap.xml');
		await assertValidXml(index, 'sitemap-index');
		const parts = [...index.matchAll(/<loc>([^<]+)<\/loc>/g)].map(([, address = '']) => address);
		assert.ok(parts.length > 0);
		for (const part of parts) await assertValidXml(await read(new URL(part).pathname), 'sitemap');
		for (const { id, title } of tracks) {
			const asked = encodeURIComponent(site.at(`/track/${id}`));
			const json = JSON.parse(await read(`/oembed?url=${asked}&format=json`)) as Record<
				string,
				unknown
			>;
			const xml = await read(`/oembed?url=${asked}&format=xml`);
			const said = await xpathTexts(xml, 'string(/oembed/title)');
			assert.equal(sayable(said), sayable(String(json['title'])));
			assert.doesNotMatch(String(json['html']), /<(?!\/?iframe\b)/, title);
		}
	});

	it('in what other programs read, and what is drawn', async () => {
		const ids = tracks.map(({ id }) => id);
		const answers = [
			...[
				'/api/tracks/',
				'/api/albums',
				'/api/artists/',
				'/api/tags?q=ja',
				'/api/search/?q=script'
			],
			...['/api/artists/by-handle/alice.test', '/api/openapi.json', '/api/search/handles?q=alice'],
			...ids.flatMap((id) => [`/api/tracks/${id}`, `/api/tracks/${id}/likes`])
		];
		for (const address of answers) {
			const answer = await fetch(site.at(address));
			assert.ok(answer.status < 500, `${address} ${answer.status}`);
			assert.match(answer.headers.get('content-type') ?? '', /^application\/json/, address);
			assert.equal(answer.headers.get('x-content-type-options'), 'nosniff', address);
			await answer.json();
		}
		const cards = [
			...ids.map((id) => `/og/track/${id}.jpg`),
			`/og/artist/${first().artist_did}.jpg`,
			`/og/album/${first().album?.id}.jpg`
		];
		for (const address of cards) {
			const answer = await fetch(site.at(address));
			assert.equal(answer.status, 200, address);
			assert.equal(answer.headers.get('content-type'), 'image/jpeg', address);
			const { width, height } = await sharp(await answer.arrayBuffer()).metadata();
			assert.deepEqual([width, height], [1200, 630], address);
		}
		for (const id of ids) {
			const answer = await site.alice.context.request.get(site.at(`/track/${id}/download`));
			assert.equal(answer.status(), 200);
			const disposition = answer.headers()['content-disposition'] ?? '';
			assert.match(disposition, /^attachment; /);
			assert.doesNotMatch(disposition, /[^\x20-\x7e]/);
		}
	});

	it('in the source of the pages, which is valid, and whose head says it as it is', async () => {
		const faults: string[] = [];
		for (const { id, title } of tracks) {
			const html = await read(`/track/${id}`);
			faults.push(...(await htmlFaults(html, `/track/${id}`)));
			const { structured, metas } = headTagsOf(html);
			assert.equal(structured.length, 2);
			const said = title.replaceAll(/[\u202a-\u202e\u2066-\u2069]/g, '');
			assert.equal(structured[0]?.['name'], said.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim());
			assert.ok((metas['og:title'] ?? '').length > 0);
		}
		for (const address of ['/', '/u/alice.test', album(), `/track/${first().id}/likes`]) {
			faults.push(...(await htmlFaults(await read(address), address)));
		}
		assert.deepEqual(faults, []);
	});

	async function read(address: string): Promise<string> {
		const answer = await fetch(site.at(address));
		assert.equal(answer.status, 200, address);
		return await answer.text();
	}
});

/** What XML can say of it; its writers may put a sign for the rest. */
const sayable = (text: string) => text.replaceAll(/[\p{Cc}\ufffd-\uffff]/gu, '').trim();

/** Without what no door lets in. */
const unturned = (text: string) => text.replaceAll(/[\u202a-\u202e\u2066-\u2069]/g, '');

/** As much of it as the bytes of a title allow. */
function fit(line: string): string {
	let fitting = line;
	while (Buffer.byteLength(fitting) > 256) fitting = Array.from(fitting).slice(0, -1).join('');
	return fitting;
}

/** Names that no form of ours takes, as an index may hold them: of people elsewhere, of features, of tracks. */
async function tellLies({ product }: MusicSite, tracks: readonly TrackResponse[]): Promise<void> {
	const database = await openProductDatabase(product);
	for (const [index, line] of HOSTILE_LINES.map(unturned).entries()) {
		const track = tracks[index];
		assert.ok(track);
		const did = `did:plc:liar${index}`;
		const handle = fit(line);
		const features = [
			{ did: `${did}"><img src=x>`, handle, displayName: fit(line) },
			{ did, handle }
		];
		await database`
			update tracks set features = ${database.json(features)}, title = ${fit(line)}
			where id = ${track.id}`;
		await database`
			insert into people (did, handle, display_name, resolved_at, wanted_at)
			values (${did}, ${index % 2 === 0 ? handle : null}, ${fit(line)}, now(), null)`;
		await database`
			insert into likes (did, rkey, record_uri, record_cid, track_id, subject_uri, subject_cid)
			values (${did}, 'a', ${`at://${did}/fm.plyr.dev.like/a`}, 'cid', ${tracks[0]?.id ?? 0},
				${track.atproto_record_uri}, 'cid')`;
	}
	await database`
		update artists set display_name = ${`${NAME} \u0007`}, shows_likes = true
		where handle = 'alice.test'`;
	await database`update albums set description = ${unturned(HOSTILE_TEXT)}`;
	await database.end();
}

async function keepPicture(page: Page, address: string): Promise<void> {
	const folder = process.env['SCREENSHOTS'];
	if (!folder) return;
	const name = address.replaceAll(/[^\w-]+/g, '-').slice(0, 80);
	await writeFile(path.join(folder, `hostile${name}.png`), await page.screenshot());
}
