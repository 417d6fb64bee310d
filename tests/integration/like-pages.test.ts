import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LikersResponse } from '#lib/server/likes/likes-api.ts';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import type { TracksResponse } from '#lib/server/tracks/tracks-api.ts';
import type { UploadState } from '#lib/uploads/upload.ts';
import { walkAuthorization } from '../../dev/network/fetch-login.ts';
import { openProductDatabase } from '../e2e/product-database.ts';
import { formIn } from './form-in.ts';
import { listLikeRecords } from './like-steps.ts';
import { type LocalSite, startLocalSite } from './local-site.ts';
import { locationOf, Visitor } from './visitor.ts';

describe('liking, without scripts and by the api', { timeout: 180_000 }, () => {
	let site: LocalSite;
	let alice: Visitor;
	let id: number;

	before(async () => {
		site = await startLocalSite();
		alice = new Visitor(site.url);
		await alice.signIn('alice');
		await send(alice, 'POST', '/api/artists/', { display_name: 'The Alice' });
		const form = new FormData();
		form.set('title', 'a <b>tone</b>');
		const bytes = await makeSample('mp3', { seconds: 1 });
		form.set('file', new Blob([Uint8Array.from(bytes)]), 'tone.mp3');
		const sent = await alice.open('/api/tracks/', {
			method: 'POST',
			headers: { origin: site.url },
			body: form
		});
		id = await published(((await sent.json()) as { upload_id: string }).upload_id);
	});
	after(() => site.close());

	async function published(uploadId: string): Promise<number> {
		for (let i = 0; i < 300; i++) {
			const answer = await alice.open(`/api/tracks/uploads/${uploadId}`);
			const state = (await answer.json()) as UploadState;
			assert.notEqual(state.status, 'failed', state.error ?? '');
			if (state.track_id !== null) return state.track_id;
			await sleep(100);
		}
		throw new Error('the upload is not finished');
	}

	const send = (who: Visitor, method: string, path: string, body?: unknown) =>
		who.open(path, {
			method,
			headers: { origin: site.url, accept: 'application/json', 'content-type': 'application/json' },
			...(body === undefined ? {} : { body: JSON.stringify(body) })
		});
	const likePath = () => `/api/tracks/${id}/like`;
	const didOf = (name: string) =>
		site.network.accounts.find(({ handle }) => handle === `${name}.test`)?.did ?? '';
	const recordsOf = (name: string) => listLikeRecords(site, didOf(name));
	const page = async (who: Visitor, path: string) => {
		const response = await who.open(path);
		assert.equal(response.status, 200, path);
		return await response.text();
	};

	/** Presses the like button that a page shows. @returns where it leads */
	async function press(who: Visitor, path: string): Promise<Response> {
		const html = await page(who, path);
		const action = /<form method="post" action="([^"]*\/like\?[^"]*)"/.exec(html)?.[1] ?? '';
		const button = /<button[^>]*name="liked"[^>]*>/.exec(html)?.[0] ?? '';
		const liked = /value="(\w+)"/.exec(button)?.[1] ?? '';
		const { pathname, search } = new URL(action, new URL(path, site.url));
		return await who.submit(pathname + search, { liked });
	}

	it('is a form that leads back to where it was pressed', async () => {
		const before = await page(alice, `/track/${id}`);
		assert.match(before, /be the first to like this/);
		assert.match(before, /aria-pressed="false" aria-label="like a &lt;b>tone/);
		const done = await press(alice, `/track/${id}`);
		assert.deepEqual([done.status, locationOf(done)], [303, `/track/${id}`]);
		assert.equal((await recordsOf('alice')).length, 1);
		const liked = await page(alice, `/track/${id}`);
		assert.match(liked, /aria-pressed="true"/);
		assert.match(liked, /1 like\b/);
		assert.equal(locationOf(await press(alice, '/?x=1')), '/?x=1', 'and takes it back');
		assert.deepEqual(await recordsOf('alice'), []);
	});

	it('remembers what somebody wished through their sign-in, who need not be an artist', async () => {
		const carol = new Visitor(site.url);
		const asked = await press(carol, `/track/${id}?t=1`);
		const login = locationOf(asked);
		assert.equal(login, `/login?return_to=${encodeURIComponent(`/track/${id}?t=1`)}`);
		assert.match(carol.setCookies.join(), /wished_like=[^;]+;.*httponly/i);
		const back = await signInFrom(carol, login, 'carol');
		assert.equal(locationOf(back), `/track/${id}?t=1`, 'not to a profile they did not ask for');
		assert.equal(carol.cookies.has('wished_like'), false);
		assert.equal((await recordsOf('carol')).length, 1);
		const first = await page(carol, `/track/${id}`);
		assert.match(first, /aria-pressed="true"/);
		const notice = /<noscript><p[^>]*role="status"[^>]*>liked a &lt;b>tone/;
		assert.match(first, notice, 'it says so, without scripts');
		assert.equal(carol.cookies.has('notice'), false);
		assert.doesNotMatch(await page(carol, `/track/${id}`), notice, 'and once');
		const list = await page(carol, '/liked');
		assert.match(list, /1 track\b/);
		assert.match(list, /a &lt;b>tone/);
	});

	it('is no reason to sign in for what is not there', async () => {
		for (const path of ['/track/999999', '/track/abc', `/track/0${id}`]) {
			const dora = new Visitor(site.url);
			const answer = await dora.submit(`${path}/like`, { liked: 'true' });
			assert.equal(answer.status, 404, path);
			assert.equal(dora.cookies.has('wished_like'), false);
		}
	});

	it('is said where somebody searches', async () => {
		await press(alice, '/search?q=tone');
		assert.match(await page(alice, '/search?q=tone'), /aria-pressed="true"/);
		const answer = await alice.open('/api/search/?q=tone');
		const found = (await answer.json()) as { tracks: { id: number; is_liked: boolean }[] };
		assert.equal(found.tracks.find((track) => track.id === id)?.is_liked, true);
		await press(alice, '/search?q=tone');
		assert.doesNotMatch(await page(alice, '/search?q=tone'), /aria-pressed="true"/);
	});

	it('does nothing for who signs in elsewhere afterwards', async () => {
		const bob = new Visitor(site.url);
		await press(bob, `/track/${id}`);
		await signInFrom(bob, '/login?return_to=%2Fsettings', 'bob');
		assert.deepEqual(await recordsOf('bob'), []);
		assert.equal(bob.cookies.has('wished_like'), false, 'and the wish is over');
	});

	it('is not done by another site, by an address, or by a cookie that is none of ours', async () => {
		const before = (await recordsOf('alice')).length;
		const body = new URLSearchParams({ liked: 'true' });
		const headers = { origin: 'https://evil.example' };
		const forged = await alice.open(`/track/${id}/like`, { method: 'POST', headers, body });
		assert.equal(forged.status, 403);
		const asked = await alice.open(`/track/${id}/like?liked=true`);
		assert.equal(asked.status, 200, 'a page that asks');
		assert.equal((await recordsOf('alice')).length, before);
		const stranger = new Visitor(site.url);
		const refused = await stranger.open(`/track/${id}/like`, { method: 'POST', headers, body });
		assert.equal(refused.status, 403);
		assert.equal(stranger.cookies.has('wished_like'), false);
		stranger.cookies.set('wished_like', Buffer.from('{"trackId":"x"}').toString('base64url'));
		await signInFrom(stranger, '/login', 'bob');
		assert.deepEqual(await recordsOf('bob'), []);
		const evil = `/track/${id}/like?return_to=//evil.example`;
		const away = await alice.submit(evil, { liked: 'false' });
		assert.equal(locationOf(away), `/track/${id}`);
	});

	it('shows everybody who likes it, by name, on a page of its own', async () => {
		await send(alice, 'POST', likePath());
		const html = await page(new Visitor(site.url), `/track/${id}/likes`);
		assert.match(html, /2 likes/);
		assert.match(html, /href="[./]*\/u\/alice\.test"/);
		assert.match(
			html,
			new RegExp(`href="https://bsky.app/profile/${encodeURIComponent(didOf('carol'))}"`)
		);
		const here = `/track/${id}/likes?limit=1`;
		const more = /href="([^"]*cursor=[^"]*)"/.exec(await page(alice, here))?.[1] ?? '';
		const { pathname, search } = new URL(more, new URL(here, site.url));
		assert.match(await page(alice, pathname + search), /bsky\.app/);
		assert.equal((await alice.open('/track/999999/likes')).status, 404);
	});

	it('answers programs in its shapes', async () => {
		const first = await send(alice, 'POST', likePath());
		const [record] = await recordsOf('alice');
		assert.deepEqual(await first.json(), { liked: true, atproto_uri: record?.uri });
		const batch = await send(alice, 'POST', '/api/tracks/likes/batch', { track_ids: [id, 77777] });
		assert.deepEqual(await batch.json(), { [id]: true, 77777: false });
		const unfit = await send(alice, 'POST', '/api/tracks/likes/batch', { track_ids: ['x'] });
		assert.equal(unfit.status, 422);
		const liked = (await (await alice.open('/api/tracks/liked?limit=1')).json()) as TracksResponse;
		assert.deepEqual(
			liked.tracks.map((track) => [track.id, track.is_liked, track.like_count]),
			[[id, true, 2]]
		);
		const likers = await new Visitor(site.url).open(`/api/tracks/${id}/likes`);
		const { users, count, next_cursor: next } = (await likers.json()) as LikersResponse;
		assert.deepEqual(
			[users.map(({ did }) => did), count, next],
			[[didOf('alice'), didOf('carol')], 2, null]
		);
		assert.equal(users[0]?.display_name, 'The Alice');
		const unliked = await send(alice, 'DELETE', likePath());
		assert.deepEqual(await unliked.json(), { liked: false });
		const again = await send(alice, 'DELETE', `${likePath()}/`);
		assert.deepEqual([again.status, await again.json()], [200, { liked: false }]);
	});

	it('asks programs without a session to sign in', async () => {
		const stranger = new Visitor(site.url);
		for (const [method, path] of [
			['POST', likePath()],
			['DELETE', likePath()],
			['POST', '/api/tracks/likes/batch'],
			['GET', '/api/tracks/liked']
		] as const) {
			assert.equal((await send(stranger, method, path)).status, 401, `${method} ${path}`);
		}
		assert.equal(locationOf(await stranger.open('/liked')), '/login?return_to=%2Fliked');
	});

	it('says what to do when a sign-in has ended, and does it afterwards', async () => {
		// as after a revocation that we have heard of
		const database = await openProductDatabase(site);
		await database`delete from oauth_sessions where did = ${didOf('alice')}`;
		await database.end();
		const asked = await alice.submit(`/track/${id}/like?return_to=%2F`, { liked: 'true' });
		const login = locationOf(asked);
		assert.match(login, /^\/login\?return_to=%2F&error=sign_in_again/);
		assert.match(await page(alice, login), /sign in again to go on/);
		const back = await signInFrom(alice, login, 'alice');
		assert.equal(locationOf(back), '/');
		assert.equal((await recordsOf('alice')).length, 1);
	});

	async function signInFrom(who: Visitor, login: string, name: string): Promise<Response> {
		const form = Object.fromEntries(formIn(await page(who, login), 'handle')) as Record<
			string,
			string
		>;
		const started = await who.submit('/login', { ...form, handle: `${name}.test` });
		const consent = { username: `${name}.test`, password: `${name}-pass` };
		const back = await walkAuthorization(locationOf(started), consent);
		return await who.open(back.pathname + back.search);
	}
});
