import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import type { ArtistResponse } from '#lib/artists/artist.ts';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import type { TrackResponse } from '#lib/server/tracks/track-response.ts';
import type { UploadState } from '#lib/uploads/upload.ts';
import { formIn } from './form-in.ts';
import { type LocalSite, startLocalSite } from './local-site.ts';
import { anyPitch } from './publishing-site.ts';
import { locationOf, Visitor } from './visitor.ts';

const OPERATOR = {
	OPERATOR_NAME: 'The <Harbour> Collective',
	OPERATOR_CONTACT: 'music@example.org',
	COST_CURRENCY: 'eur',
	COST_PER_MONTH: '7.50',
	COST_PER_GB_MONTH: '0.015'
};

describe('an artist on their pages, without a script', { timeout: 180_000 }, () => {
	let site: LocalSite;
	let alice: Visitor;
	let bob: Visitor;
	let nobody: Visitor;
	let original: Uint8Array<ArrayBuffer>;
	let track: TrackResponse;

	before(async () => {
		site = await startLocalSite(OPERATOR);
		nobody = new Visitor(site.url);
		alice = new Visitor(site.url);
		await alice.signIn('alice');
		await alice.open('/api/artists/', {
			method: 'POST',
			headers: { origin: site.url, 'content-type': 'application/json' },
			body: JSON.stringify({ display_name: 'Alice <b>' })
		});
		bob = new Visitor(site.url);
		await bob.signIn('bob');
		original = Uint8Array.from(await makeSample('wav', { seconds: 1, hertz: anyPitch() }));
		const { id } = await publish();
		const tagged = await alice.open(`/api/tracks/${id}`, {
			method: 'PATCH',
			headers: { origin: site.url, 'content-type': 'application/json' },
			body: JSON.stringify({ tags: ['Field Recording', '50/50'] })
		});
		assert.equal(tagged.status, 200);
		track = (await tagged.json()) as TrackResponse;
	});
	after(() => site.close());

	async function publish(): Promise<TrackResponse> {
		const form = new FormData();
		form.set('title', 'slow "tide" / ebb');
		form.set('file', new Blob([original]), 'tone.wav');
		const headers = { origin: site.url };
		const sent = await alice.open('/api/tracks/', { method: 'POST', headers, body: form });
		const { upload_id: id } = (await sent.json()) as { upload_id: string };
		for (let i = 0; i < 300; i++) {
			const answer = await alice.open(`/api/tracks/uploads/${id}`);
			const state = (await answer.json()) as UploadState;
			assert.notEqual(state.status, 'failed', state.error ?? '');
			if (state.track_id !== null) {
				const found = await nobody.open(`/api/tracks/${state.track_id}`);
				return (await found.json()) as TrackResponse;
			}
			await sleep(100);
		}
		throw new Error('the upload is not finished');
	}

	const page = async (who: Visitor, path: string, status = 200) => {
		const answer = await who.open(path);
		assert.equal(answer.status, status, path);
		return await answer.text();
	};
	const saveProfile = async (change: (form: FormData) => void) => {
		const form = formIn(await page(alice, '/portal/profile'), 'display_name');
		// as a browser sends a file nobody has chosen
		form.set('image', new Blob([]), '');
		change(form);
		const headers = { origin: site.url };
		return await alice.open('/portal/profile', { method: 'POST', headers, body: form });
	};
	const profile = async () =>
		(await (await nobody.open('/api/artists/by-handle/alice.test')).json()) as ArtistResponse;
	const picture = async () =>
		new Blob([
			Uint8Array.from(
				await sharp({ create: { width: 64, height: 48, channels: 3, background: '#a04060' } })
					.png()
					.toBuffer()
			)
		]);

	it('shows who they are and what they published, at one address', async () => {
		const html = await page(nobody, '/u/alice.test');
		assert.match(html, /<h1[^>]*>Alice &lt;b><\/h1>/);
		assert.match(
			html,
			new RegExp(`href="https://bsky.app/profile/${encodeURIComponent(track.artist_did)}"`)
		);
		assert.match(html, new RegExp(`href="[./]*/track/${track.id}"`));
		assert.match(html, /<link rel="canonical" href="[^"]*\/u\/alice\.test"/);
		assert.doesNotMatch(html, /edit profile/);
		assert.match(await page(alice, '/u/alice.test'), /href="[./]*\/portal\/profile"/);
		for (const other of [track.artist_did, 'ALICE.test']) {
			const moved = await nobody.open(`/u/${other}?cursor=abc.1`);
			assert.equal(moved.status, 308);
			assert.equal(locationOf(moved), '/u/alice.test?cursor=abc.1');
			assert.equal(moved.headers.get('cache-control'), 'no-cache');
		}
		const album = await nobody.open('/u/ALICE.test/album/none');
		assert.equal(album.status, 404);
	});

	it('is found by its name in rows and on the page of a track', async () => {
		for (const path of ['/', `/track/${track.id}`]) {
			assert.match(
				await page(nobody, path),
				/<a[^>]*href="[./]*\/u\/alice\.test"[^>]*>Alice &lt;b>/
			);
		}
	});

	it('is not there for strangers, and says where to look', async () => {
		const html = await page(nobody, '/u/stranger.test', 404);
		assert.match(html, /nobody here publishes music under this name/);
		assert.match(html, /href="https:\/\/bsky\.app\/profile\/stranger\.test"/);
		assert.match(html, /href="[./]*\/"[^>]*>latest tracks/);
		assert.match(html, /<form[^>]*action="\/search"/);
		// bob listens, and has no profile
		await page(nobody, '/u/bob.test', 404);
		await page(nobody, '/u/did:plc:%3Cscript%3E', 404);
	});

	it('has numbers for programs, and their own for who is signed in', async () => {
		const expected = {
			total_plays: 0,
			total_items: 1,
			top_item: { id: track.id, title: track.title, play_count: 0 },
			top_liked: null
		};
		const answer = await nobody.open(`/api/artists/${track.artist_did}/analytics`);
		assert.deepEqual(await answer.json(), expected);
		const own = await alice.open('/api/artists/me/analytics');
		assert.deepEqual(await own.json(), expected);
		assert.equal((await nobody.open('/api/artists/me/analytics')).status, 401);
		const none = await nobody.open('/api/artists/did:plc:none/analytics/');
		assert.equal(((await none.json()) as { total_items: number }).total_items, 0);
		const albums = await nobody.open('/api/albums/alice.test');
		assert.deepEqual(await albums.json(), { albums: [], next_cursor: null });
		assert.equal((await nobody.open('/api/albums/stranger.test')).status, 404);
	});

	it('lists the tracks of a tag, to which tracks lead, in one spelling', async () => {
		const html = await page(nobody, `/track/${track.id}`);
		assert.match(html, /href="[./]*\/tag\/field%20recording"/);
		assert.match(html, /href="[./]*\/tag\/50%2F50"/);
		const tagged = await page(nobody, '/tag/50%2F50');
		assert.match(tagged, new RegExp(`href="[./]*/track/${track.id}"`));
		assert.match(tagged, /#field recording/);
		const moved = await nobody.open('/tag/%23Field%20%20Recording');
		assert.equal(moved.status, 308);
		assert.equal(locationOf(moved), '/tag/field%20recording');
		assert.match(await page(nobody, '/tag/nothing', 404), /no track has this tag/);
	});

	it('leads from the address of a record to its page, with at:// in it or not', async () => {
		const path = track.atproto_record_uri.replace('at://', '');
		for (const address of [`/at/${path}`, `/at/${track.atproto_record_uri}`]) {
			const led = await nobody.open(address);
			assert.equal(led.status, 303, address);
			assert.equal(locationOf(led), `/track/${track.id}`);
		}
		await page(nobody, `/at/${path}x`, 404);
	});

	it('is changed by a form, and asks who is there first', async () => {
		const stranger = await nobody.open('/portal/profile');
		assert.equal(locationOf(stranger), '/login?return_to=%2Fportal%2Fprofile');
		const saved = await saveProfile((form) => {
			form.set('display_name', 'Alice & the Tides');
			form.set('bio', 'loud.\r\nhttps://example.org/a?b&c javascript:alert(1) <script>');
		});
		assert.equal(saved.status, 303, await saved.clone().text());
		assert.equal(locationOf(saved), '/portal/profile?saved');
		assert.match(await page(alice, '/portal/profile?saved'), /saved\./);
		const html = await page(nobody, '/u/alice.test');
		assert.match(html, /<h1[^>]*>Alice &amp; the Tides<\/h1>/);
		assert.match(
			html,
			/<a href="https:\/\/example\.org\/a\?b&amp;c" rel="[^"]*nofollow[^"]*ugc[^"]*"[^>]*>/
		);
		assert.doesNotMatch(html, /href="javascript:|<script>\s*<\/span>/);
	});

	it('takes another picture, and takes it away again', async () => {
		assert.equal((await profile()).avatar_url, null);
		const image = await picture();
		const saved = await saveProfile((form) => form.set('image', image, 'me.png'));
		assert.equal(saved.status, 303, await saved.clone().text());
		const { avatar_url: url } = await profile();
		assert.match(url ?? '', /\/images\/[0-9a-f]{16}$/);
		assert.match(
			await page(nobody, '/u/alice.test'),
			/<img[^>]*src="\/images\/[0-9a-f]{16}\?size=320"/
		);
		// nothing chosen: it stays
		await saveProfile(() => undefined);
		assert.equal((await profile()).avatar_url, url);
		await saveProfile((form) => form.set('remove_image', 'true'));
		assert.equal((await profile()).avatar_url, null);
	});

	it('keeps what was typed when it is refused, and says why beside the field', async () => {
		const before = await profile();
		const cases: [(form: FormData) => void, number, RegExp][] = [
			[
				(form) => form.set('display_name', '  '),
				422,
				/id="display_name-problem">an artist needs a name/
			],
			[(form) => form.set('bio', 'x'.repeat(257)), 422, /id="bio-problem">a bio has at most 256/],
			[(form) => form.set('image', new Blob(['no picture']), 'a.png'), 400, /id="image-problem">/],
			[(form) => form.set('downloads', 'maybe'), 422, /choose who may download your tracks/]
		];
		for (const [change, status, sentence] of cases) {
			const refused = await saveProfile((form) => {
				form.set('display_name', 'typed with care');
				form.set('shows_likes', 'yes');
				change(form);
			});
			assert.equal(refused.status, status);
			const html = await refused.text();
			assert.match(html, sentence);
			const again = formIn(html, 'display_name');
			assert.equal(again.get('shows_likes'), 'yes');
			if (!sentence.source.includes('needs a name')) {
				assert.equal(again.get('display_name'), 'typed with care');
			}
		}
		assert.deepEqual(await profile(), before);
	});

	const download = (who: Visitor, headers: Record<string, string> = {}, method = 'GET') =>
		who.open(`/track/${track.id}/download`, { method, headers });
	const allow = async (downloads: string) => {
		const saved = await saveProfile((form) => form.set('downloads', downloads));
		assert.equal(saved.status, 303);
	};

	it('gives the original to who is signed in, byte for byte and in parts', async () => {
		const asked = await download(nobody);
		assert.equal(asked.status, 303);
		const login = locationOf(asked);
		assert.equal(login, `/login?return_to=%2Ftrack%2F${track.id}&reason=download`);
		assert.match(
			await page(nobody, login),
			/gives the original files of their tracks to people who are signed in/
		);
		assert.match(await page(nobody, `/track/${track.id}`), /sign in to download/);

		const whole = await download(bob);
		assert.equal(whole.status, 200);
		assert.equal(
			whole.headers.get('content-disposition'),
			`attachment; filename="Alice & the Tides - slow tide ebb.wav"; filename*=UTF-8''Alice%20%26%20the%20Tides%20-%20slow%20tide%20ebb.wav`
		);
		assert.equal(whole.headers.get('cache-control'), 'private, no-cache');
		assert.equal(whole.headers.get('access-control-allow-origin'), null);
		assert.deepEqual(new Uint8Array(await whole.arrayBuffer()), original);
		const part = await download(bob, { range: 'bytes=10-19' });
		assert.equal(part.status, 206);
		assert.deepEqual(new Uint8Array(await part.arrayBuffer()), original.slice(10, 20));
		const etag = whole.headers.get('etag') ?? '';
		assert.equal((await download(bob, { 'if-none-match': etag })).status, 304);
		const head = await download(bob, {}, 'HEAD');
		assert.equal(head.headers.get('content-length'), String(original.byteLength));
		for (const id of ['999999', 'x', '0']) await page(bob, `/track/${id}/download`, 404);
	});

	it('gives it to everybody or to nobody else, as the artist wants, and says so', async () => {
		await allow('open');
		assert.equal((await download(nobody)).status, 200);
		await allow('off');
		for (const who of [nobody, bob]) {
			const refused = await download(who);
			assert.equal(refused.status, 403);
			assert.match(await refused.text(), /the artist does not offer downloads/);
			assert.match(await page(who, `/track/${track.id}`), /the artist does not offer downloads/);
		}
		assert.equal((await download(alice)).status, 200);
		const own = await page(alice, `/track/${track.id}`);
		assert.match(own, new RegExp(`href="[./]*/track/${track.id}/download"`));
	});

	it('is on a site that says what it is, in pages every other one leads to', async () => {
		for (const path of ['about', 'terms', 'privacy', 'costs']) {
			const html = await page(nobody, `/${path}`);
			assert.match(html, /The &lt;Harbour> Collective/);
			assert.match(html, /href="mailto:music@example\.org"/);
			assert.match(await page(nobody, '/'), new RegExp(`href="[./]*/${path}"`));
		}
		const costs = await page(nobody, '/costs');
		assert.match(costs, /eur 7\.50/);
		assert.match(costs, /eur 0\.015/);
		assert.match(costs, /\d+ kB of audio in \d files?/);
	});

	it('leaves an address behind that says so when a track is gone', async () => {
		const path = track.atproto_record_uri.replace('at://', '/at/');
		const gone = await alice.submit(`/track/${track.id}/delete`, {});
		assert.equal(gone.status, 303);
		for (const address of [`/track/${track.id}`, path, `/track/${track.id}/download`]) {
			const answer = await nobody.open(address);
			assert.equal(answer.status, 410, address);
			assert.match(await answer.text(), /removed/);
		}
		await page(nobody, '/tag/50%2F50', 404);
		assert.match(await page(nobody, '/u/alice.test'), /nothing is published yet/);
	});
});
