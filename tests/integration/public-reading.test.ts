import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { DescribedAnswers } from '../validators/answers.ts';
import { htmlFaults } from '../validators/html.ts';
import { type LocalSite, startLocalSite } from './local-site.ts';
import { becomeArtist, publishTrack, sendJson } from './published-music.ts';
import { askRaw, decoded } from './raw-answer.ts';
import type { Visitor } from './visitor.ts';

const ELSEWHERE = 'https://elsewhere.example';

describe('reading the site', () => {
	let site: LocalSite;
	let alice: Visitor;
	let id: number;
	let did: string;
	let albumId: string;
	const get = (path: string, headers: Record<string, string> = {}) =>
		fetch(new URL(path, site.url), { headers, redirect: 'manual' });

	before(async () => {
		site = await startLocalSite();
		alice = await becomeArtist(site.url, 'alice');
		id = await publishTrack(alice, { title: 'a <tone>', description: 'of music' }, 64);
		const body = { title: 'An Album', track_ids: [id] };
		const made = await sendJson(alice, 'POST', '/api/albums', body);
		const album = (await made.json()) as { id: string; artist_did: string };
		({ id: albumId, artist_did: did } = album);
	});
	after(() => site.close());

	describe('by programs', () => {
		let described: DescribedAnswers;
		before(async () => {
			described = new DescribedAnswers(await (await get('/api/openapi.json')).json());
		});

		async function isAsDescribed(method: string, path: string, answer: Response): Promise<void> {
			const body: unknown = await answer.json();
			assert.deepEqual(described.problems(method, path, answer.status, body), []);
		}

		it('is as it is described', async () => {
			const album = '/api/albums/{album}/{slug}';
			const reads: [string, string][] = [
				['/api/tracks', '/api/tracks/'],
				['/api/tracks', `/api/tracks/?artist_did=${did}&limit=1`],
				['/api/tracks', `/api/tracks/?ids=${id}`],
				['/api/tracks/{id}', `/api/tracks/${id}`],
				['/api/tracks/{id}', '/api/tracks/999999'],
				['/api/tracks/{id}', '/api/tracks/none'],
				['/api/tags', '/api/tags?q=a'],
				['/api/tags', '/api/tags'],
				['/api/albums', '/api/albums/'],
				['/api/albums/{album}', '/api/albums/alice.test'],
				['/api/albums/{album}', '/api/albums/nobody.test'],
				[album, '/api/albums/alice.test/an-album'],
				[album, '/api/albums/alice.test/none'],
				['/api/artists/{did}', `/api/artists/${did}`],
				['/api/artists/by-handle/{handle}', '/api/artists/by-handle/alice.test'],
				['/api/search/handles', '/api/search/handles?q=alice'],
				['/api/config', '/api/config'],
				['/api/health', '/api/health'],
				['/api/openapi.json', '/api/openapi.json'],
				['/api/auth/me', '/api/auth/me'],
				['/api/queue', '/api/queue/']
			];
			for (const [path, asked] of reads) await isAsDescribed('GET', path, await get(asked));
		});

		it('is as it is described to those who are signed in', async () => {
			const own = [
				'/api/tracks/me',
				'/api/tracks/me/broken',
				'/api/tracks/uploads',
				'/api/auth/me',
				'/api/artists/me',
				'/api/releases',
				'/api/catalogue',
				'/api/queue',
				'/api/preferences'
			];
			for (const path of own) {
				const answer = await alice.open(path, { headers: { accept: 'application/json' } });
				assert.equal(answer.status, 200, path);
				await isAsDescribed('GET', path, answer);
			}
			const began = await sendJson(alice, 'POST', '/api/releases', {});
			const { release_id: releaseId } = (await began.clone().json()) as { release_id: string };
			await isAsDescribed('POST', '/api/releases', began);
			const change = { fields: { album_title: 'soon' } };
			for (const [method, path, asked, body] of [
				['PATCH', '/api/releases/{id}', `/api/releases/${releaseId}`, change],
				['DELETE', '/api/releases/{id}', `/api/releases/${releaseId}`, undefined],
				['PATCH', '/api/tracks/{id}', `/api/tracks/${id}/`, { tags: ['drone'] }],
				['PATCH', '/api/tracks/{id}', `/api/tracks/${id}`, { title: 7 }],
				['PATCH', '/api/albums/{album}', `/api/albums/${albumId}/`, { year: 1999 }],
				['POST', '/api/tracks/{id}/play', `/api/tracks/${id}/play/`, {}],
				['POST', '/api/catalogue/check', '/api/catalogue/check/', undefined],
				['PATCH', '/api/preferences', '/api/preferences/', { theme: 'light' }],
				['PATCH', '/api/preferences', '/api/preferences', { theme: 'none' }]
			] as const) {
				await isAsDescribed(method, path, await sendJson(alice, method, asked, body));
			}
			const revisions = await alice.open(`/api/tracks/${id}/revisions/`);
			await isAsDescribed('GET', '/api/tracks/{id}/revisions', revisions);
		});

		it('is at one address, with and without a slash', async () => {
			for (const path of ['/api/tracks', '/api/health', `/api/tracks/${id}`, '/api/openapi.json']) {
				const [bare, slash] = await Promise.all([get(path), get(`${path}/`)]);
				assert.deepEqual([bare.status, slash.status], [200, 200], path);
				assert.equal(await bare.text(), await slash.text());
			}
		});

		it('costs no line when nothing has changed', async () => {
			const path = `/api/tracks/${id}`;
			const first = await get(path);
			const etag = first.headers.get('etag') ?? '';
			assert.match(etag, /^W\/"[\w-]{22}"$/);
			assert.equal(first.headers.get('cache-control'), 'public, no-cache');
			const again = await get(path, { 'if-none-match': etag });
			assert.deepEqual([again.status, await again.text()], [304, '']);
			assert.equal(again.headers.get('access-control-allow-origin'), '*');
			await sendJson(alice, 'PATCH', path, { title: 'another tone' });
			assert.equal((await get(path, { 'if-none-match': etag })).status, 200);
			const own = await alice.open('/api/tracks/me');
			assert.equal(own.headers.get('cache-control'), 'private, no-cache');
			const head = await fetch(new URL(path, site.url), { method: 'HEAD' });
			const whole = await get(path);
			for (const name of ['etag', 'cache-control', 'vary']) {
				assert.equal(head.headers.get(name), whole.headers.get(name), name);
			}
			const names = whole.headers.get('vary')?.split(', ') ?? [];
			assert.deepEqual(names, [...new Set(names)], 'each is named once');
		});

		it('goes by what is there: nothing after the equals sign is nothing', async () => {
			for (const path of [
				'/api/tracks/?cursor=&limit=',
				'/?cursor=',
				'/search?q=a&kind=&cursor='
			]) {
				assert.equal((await get(path)).status, 200, path);
			}
		});

		it('has one address for each track', async () => {
			for (const other of [`0${id}`, `${id}.0`, `+${id}`, `%20${id}`, `${id}e0`, `0x${id}`]) {
				for (const path of [`/track/${other}`, `/embed/track/${other}`, `/og/track/${other}.jpg`]) {
					assert.equal((await get(path)).status, 404, path);
				}
				const url = encodeURIComponent(`${site.url}/track/${other}`);
				assert.equal((await get(`/oembed?url=${url}`)).status, 404, other);
			}
		});

		it('is refused in words when it asks for what nobody could type', async () => {
			const far = Buffer.from('[1,0,8640000000000000,"1"]').toString('base64url');
			assert.equal((await get(`/api/search/?q=a&kind=track&cursor=${far}`)).status, 422);
			assert.equal((await get('/api/search/handles?q=a%00')).status, 422);
			assert.equal((await get('/api/search/handles?q=al%00ice')).status, 200);
		});
	});

	describe('from pages of other origins', () => {
		const preflight = (path: string, method: string) =>
			fetch(new URL(path, site.url), {
				method: 'OPTIONS',
				headers: {
					origin: ELSEWHERE,
					'access-control-request-method': method,
					'access-control-request-headers': 'range, if-none-match'
				}
			});

		it('is allowed to everybody, without credentials', async () => {
			const { file_id: fileId, image_url: image } = (await (
				await get(`/api/tracks/${id}`)
			).json()) as { file_id: string; image_url: string };
			const open = [
				'/api/tracks/',
				'/api/tracks/999999',
				'/api/nothing-here',
				`/audio/${fileId}`,
				`/audio/${fileId}/peaks`,
				`/api/audio/${fileId}`,
				new URL(image).pathname,
				'/images/none',
				'/feed.xml'
			];
			for (const path of open) {
				const answer = await get(path, { origin: ELSEWHERE });
				await answer.body?.cancel();
				assert.equal(answer.headers.get('access-control-allow-origin'), '*', path);
				assert.equal(answer.headers.get('access-control-allow-credentials'), null);
				assert.match(answer.headers.get('access-control-expose-headers') ?? '', /etag/, path);
				const asked = await preflight(path, 'GET');
				assert.equal(asked.status, 204, path);
				assert.equal(asked.headers.get('access-control-allow-origin'), '*');
				assert.match(
					asked.headers.get('access-control-allow-headers') ?? '',
					/range.*if-none-match/
				);
				assert.doesNotMatch(asked.headers.get('access-control-allow-methods') ?? '', /POST|PUT/);
			}
		});

		it('is not to change anything', async () => {
			for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
				const asked = await preflight(`/api/tracks/${id}`, method);
				assert.equal(asked.headers.get('access-control-allow-origin'), null, method);
			}
			const sent = await alice.open(`/api/tracks/${id}`, {
				method: 'DELETE',
				headers: { origin: ELSEWHERE }
			});
			assert.equal(sent.status, 403);
			assert.equal(sent.headers.get('access-control-allow-origin'), null);
			assert.equal((await get(`/api/tracks/${id}`)).status, 200);
		});

		it('is not to see pages, which may be somebody’s own', async () => {
			const answer = await get('/', { origin: ELSEWHERE });
			assert.equal(answer.headers.get('access-control-allow-origin'), null);
		});
	});

	describe('over a slow line', () => {
		it('sends text compressed to whoever takes it so', async () => {
			const pages = ['/', `/track/${id}`, '/docs/api', '/api/openapi.json', '/sitemap.xml'];
			for (const path of pages) {
				const plain = await askRaw(site.url + path);
				assert.equal(plain.headers['content-encoding'], undefined);
				assert.match(String(plain.headers['vary']), /accept-encoding/i, path);
				if (plain.bytes.length < 1024) continue;
				for (const encoding of ['br', 'gzip']) {
					const packed = await askRaw(site.url + path, { 'accept-encoding': encoding });
					assert.equal(packed.headers['content-encoding'], encoding, path);
					assert.ok(packed.bytes.length < plain.bytes.length * 0.6, path);
					// a page has another nonce each time
					const same = (text: string) =>
						text.replaceAll(/nonce="[^"]*"|nonce-[^']*|__sveltekit_\w+/g, '');
					assert.equal(same(decoded(packed)).length, same(plain.bytes.toString()).length, path);
				}
			}
		});

		it('leaves alone what is short, sent in ranges, or compressed already', async () => {
			const take = { 'accept-encoding': 'br, gzip' };
			const short = await askRaw(`${site.url}/api/health`, take);
			assert.equal(short.headers['content-encoding'], undefined);
			const track = (await (await get(`/api/tracks/${id}`)).json()) as { file_id: string };
			const audio = await askRaw(`${site.url}/audio/${track.file_id}`, {
				...take,
				range: 'bytes=0-9'
			});
			assert.deepEqual([audio.status, audio.headers['content-encoding']], [206, undefined]);
			const page = decoded(await askRaw(`${site.url}/`, take));
			const script = /\/_app\/immutable\/entry\/start\.[\w-]+\.js/.exec(page)?.[0] ?? '';
			const built = await askRaw(site.url + script, take);
			assert.deepEqual([built.status, built.headers['content-encoding']], [200, 'br']);
		});

		it('sends events one by one, as they are', async () => {
			const cookie = [...alice.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
			const gone = new AbortController();
			const answer = await fetch(`${site.url}/api/queue/events`, {
				headers: { cookie, 'accept-encoding': 'gzip' },
				signal: gone.signal
			});
			assert.equal(answer.headers.get('content-type'), 'text/event-stream');
			assert.equal(answer.headers.get('content-encoding'), null);
			const first = await answer.body?.getReader().read();
			assert.ok((first?.value?.length ?? 0) > 0);
			gone.abort();
		});
	});

	describe('as pages', () => {
		it('is valid html', async () => {
			const pages = [
				'/',
				`/track/${id}`,
				'/u/alice.test/album/an-album',
				'/docs/api',
				'/login',
				'/settings',
				'/offline',
				'/track/999999',
				'/nothing-here'
			];
			const faults: string[] = [];
			for (const path of pages) {
				const answer = await get(path, { accept: 'text/html' });
				faults.push(...(await htmlFaults(await answer.text(), path)));
			}
			assert.deepEqual(faults, []);
		});

		it('says how to read it as a program, without a script', async () => {
			const text = await (await get('/docs/api')).text();
			assert.match(text, /<h3 id="gettracksbyid"/);
			assert.match(text, /href="#gettracksbyid"/);
			assert.ok(text.includes(`${site.url}/api/tracks/42`));
			const anchors = [...text.matchAll(/ href="#([\w-]+)"/g)].map(([, anchor = '']) => anchor);
			for (const anchor of anchors) assert.ok(text.includes(` id="${anchor}"`), anchor);
		});
	});
});
