import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import type { UploadState } from '#lib/uploads/upload.ts';
import { openProductDatabase } from '../e2e/product-database.ts';
import { assertValidOembed } from '../validators/oembed.ts';
import { structuredFaults } from '../validators/schema-org.ts';
import { assertValidXml } from '../validators/xml.ts';
import { attributesOf, headTagsOf } from './head-tags.ts';
import { type LocalSite, startLocalSite } from './local-site.ts';
import { Visitor } from './visitor.ts';

const HOSTILE = `"><script>alert(1)</script>' onload='x </head></script><!-- ]]> &quot; \\u003c ${'é'.repeat(80)}`;

describe('what is shared', { timeout: 180_000 }, () => {
	let site: LocalSite;
	let alice: Visitor;
	let did: string;
	let song: number;
	let hostile: number;

	before(async () => {
		site = await startLocalSite();
		alice = new Visitor(site.url);
		await alice.signIn('alice');
		const made = await send('/api/artists/', { display_name: 'The Alice', bio: '<b>loud</b>' });
		did = ((await made.json()) as { did: string }).did;
		song = await publish({ title: 'a tone', album: 'Tones' });
		await send(`/api/tracks/${song}`, { tags: ['ambient'] }, 'PATCH');
		hostile = await publish({ title: HOSTILE, album: HOSTILE, description: HOSTILE });
	});
	after(() => site.close());

	const send = (path: string, body: unknown, method = 'POST') =>
		alice.open(path, {
			method,
			headers: { origin: site.url, 'content-type': 'application/json', accept: '*/*' },
			body: JSON.stringify(body)
		});

	async function publish(fields: Record<string, string>, hasPicture = true): Promise<number> {
		const form = new FormData();
		for (const [name, value] of Object.entries(fields)) form.set(name, value);
		const bytes = await makeSample('mp3', { seconds: 3, hertz: 300 + Math.random() * 100 });
		form.set('file', new Blob([Uint8Array.from(bytes)]), 'tone.mp3');
		const picture = sharp({
			create: { width: 700, height: 700, channels: 3, background: '#a04060' }
		});
		if (hasPicture) {
			form.set('image', new Blob([Uint8Array.from(await picture.png().toBuffer())]), 'a.png');
		}
		const headers = { origin: site.url };
		const sent = await alice.open('/api/tracks/', { method: 'POST', headers, body: form });
		const { upload_id: id } = (await sent.json()) as { upload_id: string };
		for (let i = 0; i < 300; i++) {
			const state = (await (await alice.open(`/api/tracks/uploads/${id}`)).json()) as UploadState;
			assert.notEqual(state.status, 'failed', state.error ?? '');
			if (state.status === 'completed') return state.track_id ?? 0;
			await sleep(100);
		}
		throw new Error('the upload is not finished');
	}

	const open = async (path: string, status = 200) => {
		const answer = await fetch(new URL(path, site.url));
		assert.equal(answer.status, status, path);
		return answer;
	};
	const head = async (path: string) => headTagsOf(await (await open(path)).text());
	const album = '/u/alice.test/album/tones';

	it('a track says what it is: its page’s head, to the last tag', async () => {
		const { metas, links, structured, title } = await head(`/track/${song}`);
		const picture = metas['og:image'] ?? '';
		const audio = metas['og:audio'] ?? '';
		assert.match(picture, new RegExp(`^${site.url}/og/track/${song}\\.jpg\\?v=[0-9a-f]{12}$`));
		assert.match(audio, new RegExp(`^${site.url}/audio/[0-9a-f]{16}$`));
		assert.equal(title, 'a tone - The Alice • Tones');
		assert.deepEqual(metas, {
			description: 'The Alice • Tones',
			'og:site_name': 'plyr.fm',
			'og:type': 'music.song',
			'og:title': 'a tone - The Alice',
			'og:description': 'The Alice • Tones',
			'og:url': `${site.url}/track/${song}`,
			'og:image': picture,
			'og:image:type': 'image/jpeg',
			'og:image:width': '1200',
			'og:image:height': '630',
			'og:image:alt': 'a tone by The Alice',
			'music:musician': `${site.url}/u/alice.test`,
			'music:album': site.url + album,
			'music:duration': '3',
			'og:audio': audio,
			'og:audio:type': 'audio/mpeg',
			'twitter:card': 'summary_large_image',
			'twitter:title': 'a tone - The Alice',
			'twitter:description': 'The Alice • Tones',
			'twitter:image': picture,
			'twitter:image:alt': 'a tone by The Alice'
		});
		const asked = encodeURIComponent(`${site.url}/track/${song}`);
		assert.deepEqual(links.slice(0, 1), [{ rel: 'canonical', href: `${site.url}/track/${song}` }]);
		assert.match(links[1]?.['href'] ?? '', /^at:\/\/did:plc:\w+\/fm\.plyr\.dev\.track\/\w+$/);
		const oembed = (format: string, type: string) => ({
			rel: 'alternate',
			href: `${site.url}/oembed?url=${asked}&format=${format}`,
			type,
			title: 'a tone - The Alice'
		});
		assert.deepEqual(links.slice(2), [
			oembed('json', 'application/json+oembed'),
			oembed('xml', 'text/xml+oembed')
		]);
		assert.deepEqual(
			structured.map((one) => one['@type']),
			['MusicRecording', 'BreadcrumbList']
		);
		assert.partialDeepStrictEqual(structured[0], {
			name: 'a tone',
			duration: 'PT3S',
			keywords: 'ambient',
			byArtist: { '@type': 'MusicGroup', name: 'The Alice', url: `${site.url}/u/alice.test` },
			inAlbum: { name: 'Tones', url: site.url + album },
			audio: { contentUrl: audio, encodingFormat: 'audio/mpeg' }
		});
	});

	it('an album and the home page say what they are', async () => {
		const { metas, structured } = await head(album);
		assert.equal(metas['og:type'], 'music.album');
		assert.equal(metas['og:title'], 'Tones by The Alice');
		assert.equal(metas['og:description'], '1 track • 0 plays');
		assert.equal(metas['music:song'], `${site.url}/track/${song}`);
		assert.partialDeepStrictEqual(structured[0], { '@type': 'MusicAlbum', numTracks: 1 });
		const home = await head('/');
		assert.equal(home.metas['og:url'], `${site.url}/`);
		assert.equal(home.metas['og:type'], 'website');
		const other = await head('/settings');
		assert.equal(other.metas['og:url'], undefined);
		assert.equal(other.metas['og:title'], other.title);
	});

	it('is said in the words of schema.org, on every page that says any', async () => {
		const bare = await publish({ title: 'without anything' }, false);
		const { album: other } = (await (await open(`/api/tracks/${hostile}`)).json()) as {
			album: { slug: string } | null;
		};
		const pages = {
			[`/track/${song}`]: ['MusicRecording', 'BreadcrumbList'],
			[`/track/${hostile}`]: ['MusicRecording', 'BreadcrumbList'],
			[`/track/${bare}`]: ['MusicRecording', 'BreadcrumbList'],
			[album]: ['MusicAlbum', 'BreadcrumbList'],
			[`/u/alice.test/album/${other?.slug}`]: ['MusicAlbum', 'BreadcrumbList'],
			'/u/alice.test': ['MusicGroup', 'BreadcrumbList']
		};
		const said = await Promise.all(
			Object.entries(pages).map(async ([where, types]) => {
				const { structured } = await head(where);
				const found = structured.map((thing) => thing['@type']);
				assert.deepEqual(found, types, where);
				return structured.map((thing) => ({ where, thing }));
			})
		);
		assert.deepEqual(await structuredFaults(said.flat()), []);
	});

	it('is said in whole documents only: what a script asks for does not carry it', async () => {
		const answer = await open(`/track/${song}/__data.json`);
		assert.doesNotMatch(await answer.text(), /og:|schema\.org|oembed/);
	});

	it('stays inert whatever somebody called it', async () => {
		const html = await (await open(`/track/${hostile}`)).text();
		const { metas, structured } = headTagsOf(html);
		assert.match(metas['og:title'] ?? '', /^"><script>alert\(1\)<\/script>' onload='x <\/head>/);
		assert.equal(structured.length, 2);
		assert.ok(String(structured[0]?.['name']).startsWith('"><script>'));
		assert.doesNotMatch(html, /<script>alert/);
		const embed = await (await open(`/embed/track/${hostile}`)).text();
		assert.equal(embed.match(/<script/g)?.length, 1);
		assert.doesNotMatch(embed, /<script>alert|onload='x <\/head>/);
		const query = `url=${encodeURIComponent(`${site.url}/track/${hostile}`)}`;
		const { html: code } = (await (await open(`/oembed?${query}`)).json()) as { html: string };
		const { src, title } = attributesOf(code);
		assert.equal(src, `${site.url}/embed/track/${hostile}`);
		assert.ok(title?.startsWith('"><script>'));
		assert.equal(code.match(/</g)?.length, 2, 'a frame and its end');
		const picture = await open(`/og/track/${hostile}.jpg`);
		const { width, height } = await sharp(await picture.arrayBuffer()).metadata();
		assert.deepEqual([width, height], [1200, 630]);
	});

	it('pictures are drawn once, lasting under their version, and new when what is drawn changes', async () => {
		const { metas } = await head(`/track/${song}`);
		const first = await open(metas['og:image'] ?? '');
		assert.equal(first.headers.get('content-type'), 'image/jpeg');
		assert.match(first.headers.get('cache-control') ?? '', /immutable/);
		assert.equal(first.headers.get('access-control-allow-origin'), '*');
		const etag = first.headers.get('etag') ?? '';
		const same = await fetch(metas['og:image'] ?? '', { headers: { 'if-none-match': etag } });
		assert.equal(same.status, 304);
		const other = await open(`/og/track/${song}.jpg?v=000000000000`);
		assert.equal(other.headers.get('cache-control'), 'public, max-age=3600');
		assert.deepEqual(await other.arrayBuffer(), await first.arrayBuffer());
		const isDrawing = (line: string) =>
			line.includes('card_drawn') && line.includes(`/og/track/${song}.jpg`);
		const drawn = () => site.output().split('\n').filter(isDrawing).length;
		assert.equal(drawn(), 1);

		await send(`/api/tracks/${song}`, { title: 'another tone' }, 'PATCH');
		const renamed = (await head(`/track/${song}`)).metas['og:image'] ?? '';
		assert.notEqual(renamed, metas['og:image']);
		await Promise.all(Array.from({ length: 8 }, () => open(renamed)));
		assert.equal(drawn(), 2, 'whoever asks meanwhile waits for the same');
		await send(`/api/tracks/${song}`, { title: 'a tone' }, 'PATCH');
		for (const path of [`/og/artist/${did}.jpg`]) {
			const { format, width } = await sharp(await (await open(path)).arrayBuffer()).metadata();
			assert.deepEqual([format, width], ['jpeg', 1200]);
		}
		for (const path of [
			'/og/track/999999.jpg',
			'/og/album/nope.jpg',
			'/og/artist/did:plc:no.jpg'
		]) {
			await open(path, 404);
		}
	});

	it('oembed answers for pages of tracks, albums and artists, within the room there is', async () => {
		const ask = async (query: Record<string, string>, status = 200) =>
			await open(`/oembed?${new URLSearchParams(query)}`, status);
		const url = `${site.url}/track/${song}`;
		const answer = await ask({ url });
		assert.equal(answer.headers.get('access-control-allow-origin'), '*');
		assert.equal(answer.headers.get('content-type'), 'application/json');
		const whole = (await answer.json()) as Record<string, string>;
		assertValidOembed(whole);
		const { html, thumbnail_url: thumbnail, ...rest } = whole;
		assert.deepEqual(rest, {
			version: '1.0',
			type: 'rich',
			title: 'a tone',
			author_name: 'The Alice',
			author_url: `${site.url}/u/alice.test`,
			provider_name: 'plyr.fm',
			provider_url: site.url,
			cache_age: 3600,
			thumbnail_width: 1200,
			thumbnail_height: 630,
			width: 600,
			height: 164
		});
		assert.equal((await open(thumbnail ?? '')).headers.get('content-type'), 'image/jpeg');
		assert.partialDeepStrictEqual(attributesOf(html ?? ''), {
			src: `${site.url}/embed/track/${song}`,
			width: '600',
			height: '164',
			sandbox: 'allow-scripts allow-popups allow-popups-to-escape-sandbox'
		});
		for (const path of [album, '/u/alice.test', `/u/${did}`, `/track/${song}?t=1m`]) {
			const found = (await (await ask({ url: site.url + path })).json()) as { html: string };
			assertValidOembed(found);
			const { src } = attributesOf(found.html);
			await open(src ?? '');
			if (path.includes('?t=')) assert.match(src ?? '', /\?t=60$/);
		}
		const small = { url, maxwidth: '300', maxheight: '100' };
		assert.partialDeepStrictEqual(await (await ask(small)).json(), { width: 300, height: 80 });
		const none = (await (await ask({ url, maxheight: '50' })).json()) as Record<string, string>;
		assertValidOembed(none);
		assert.equal(none['type'], 'link');
		assert.equal(none['html'], undefined);
		const xml = await ask({ url, format: 'xml' });
		assert.match(xml.headers.get('content-type') ?? '', /^text\/xml/);
		const text = await xml.text();
		assert.match(text, /<oembed>.*<html>&lt;iframe src=&quot;/);
		await assertValidXml(text, 'oembed');
		const link = await ask({ url, format: 'xml', maxheight: '50' });
		await assertValidXml(await link.text(), 'oembed');
		await assert.rejects(assertValidXml(text.replace('<width>600</width>', ''), 'oembed'));
		assert.throws(() => assertValidOembed({ ...whole, height: undefined, width: '600' }));

		await ask({}, 400);
		await ask({ url, format: 'yaml' }, 501);
		const elsewhere = [`https://other.example/track/${song}`, 'nope', site.url, `${url}9999`];
		for (const one of [...elsewhere, `${site.url}/u/nobody.test`, `${site.url}/u/%E0%A4%A`]) {
			const refused = await ask({ url: one }, 404);
			assert.equal(refused.headers.get('access-control-allow-origin'), '*');
		}
	});

	it('players may stand in any page, and do nothing but play', async () => {
		for (const path of [
			`track/${song}`,
			'album/alice.test/tones',
			'artist/alice.test',
			`artist/${did}`
		]) {
			const answer = await open(`/embed/${path}?theme=light&accent=ff8800&compact=1`);
			const { headers } = answer;
			assert.equal(headers.get('x-frame-options'), null);
			assert.equal(headers.get('set-cookie'), null);
			const policy = headers.get('content-security-policy') ?? '';
			assert.match(policy, /default-src 'none'.*frame-ancestors \*$/);
			assert.doesNotMatch(policy, /unsafe/);
			const html = await answer.text();
			assert.match(html, /data-theme="light"/);
			assert.match(html, /class="player \w+ compact"/);
			assert.match(html, /<audio controls preload="none" src="\/audio\/[0-9a-f]{16}"/);
			const markup = html.split('<script>')[0]?.replace(/"[^"]*"/g, '') ?? '';
			const tags = markup.match(/<[^>]*>/g)?.join('') ?? '';
			assert.equal(/ style=| on\w+=/.exec(tags), null);
		}
		assert.equal((await open('/')).headers.get('x-frame-options'), 'DENY');
		for (const path of ['track/999999', 'album/alice.test/nope', 'artist/nobody.test', 'nope']) {
			const gone = await open(`/embed/${path}`, 404);
			assert.equal(gone.headers.get('x-frame-options'), null);
			assert.ok((await gone.text()).length < 6_000);
		}
	});

	it('a play from a frame without an origin counts, as long as nothing comes along by itself', async () => {
		const play = (path: string, headers: Record<string, string>) =>
			fetch(new URL(path, site.url), { method: 'POST', headers: { origin: 'null', ...headers } });
		const path = `/api/tracks/${song}/play`;
		const counted = await play(path, {});
		assert.equal(counted.status, 200);
		assert.equal(((await counted.json()) as { counted: boolean }).counted, true);
		const cookie = [...alice.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
		assert.equal((await play(path, { cookie })).status, 403);
		assert.equal((await play(path, { origin: 'https://other.example' })).status, 403);
		assert.equal((await play('/api/auth/exchange', {})).status, 403);
	});

	it('what is not listed is shown to who has its address, and kept from search engines', async () => {
		const secret = await publish({ title: 'not listed' });
		const sql = await openProductDatabase(site);
		await sql`update tracks set visibility = 'unlisted' where id = ${secret}`;
		await sql.end();
		assert.equal((await head(`/track/${secret}`)).metas['robots'], 'noindex');
		await open(`/embed/track/${secret}`);
		const listed = await (await open('/embed/artist/alice.test')).text();
		assert.doesNotMatch(listed, /not listed/);
		await alice.submit(`/track/${secret}/delete`, {});
		const gone = await open(`/embed/track/${secret}`, 410);
		assert.match(await gone.text(), /this track was removed/);
		await open(`/oembed?url=${encodeURIComponent(`${site.url}/track/${secret}`)}`, 404);
		await open(`/og/track/${secret}.jpg`, 410);
	});
});
