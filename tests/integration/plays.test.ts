import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Listened } from '#lib/player/listened.ts';
import type { PlayResponse } from '#lib/server/plays/plays.ts';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import type { UploadState } from '#lib/uploads/upload.ts';
import { databaseEnvironment } from './database-environment.ts';
import { type LocalSite, startLocalSite } from './local-site.ts';
import { Visitor } from './visitor.ts';

/** Half of the track: enough. */
const ENOUGH = 1;

describe('plays, from people who would like there to be more', () => {
	let database: TestDatabase;
	let site: LocalSite;
	let alice: Visitor;
	let bob: Visitor;
	let id: number;
	let households = 0;

	before(async () => {
		database = await openTestDatabase();
		site = await startLocalSite({
			...databaseEnvironment(database),
			TRUSTED_PROXY_COUNT: '1'
		});
		[alice, bob] = [new Visitor(site.url), new Visitor(site.url)];
		await Promise.all([alice.signIn('alice'), bob.signIn('bob')]);
		await alice.open('/api/artists/', {
			method: 'POST',
			headers: { origin: site.url, 'content-type': 'application/json' },
			body: JSON.stringify({ display_name: 'Alice' })
		});
		const form = new FormData();
		form.set('title', 'a tone, "twice"');
		const bytes = await makeSample('flac', { seconds: 2 });
		form.set('file', new Blob([Uint8Array.from(bytes)]), 'tone.flac');
		const sent = await alice.open('/api/tracks/', {
			method: 'POST',
			headers: { origin: site.url },
			body: form
		});
		id = await published(((await sent.json()) as { upload_id: string }).upload_id);
	});
	after(async () => {
		await site.close();
		await database.close();
	});
	beforeEach(async () => {
		await database.sql`delete from plays`;
		await database.sql`update tracks set play_count = 0`;
		households += 1;
	});

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

	/** Somebody reports a play, from an address nobody has in another test. */
	const report = (who: Visitor, playedSeconds: unknown = ENOUGH, place = 1) =>
		who.open(`/api/tracks/${id}/play`, {
			method: 'POST',
			headers: {
				origin: site.url,
				'content-type': 'application/json',
				'x-forwarded-for': `198.51.${households}.${place}`
			},
			body: JSON.stringify({ played_seconds: playedSeconds })
		});
	async function play(who: Visitor, playedSeconds?: number, place?: number): Promise<PlayResponse> {
		const response = await report(who, playedSeconds, place);
		assert.equal(response.status, 200, `${response.status}`);
		return (await response.json()) as PlayResponse;
	}
	/** A browser of somebody who is not signed in. */
	const stranger = () => new Visitor(site.url);
	/** As if so much time had passed since every play. */
	const pass = (seconds: number) =>
		database.sql`update plays set played_at = played_at - make_interval(secs => ${seconds})`;
	async function playCount(): Promise<number> {
		const answer = await fetch(new URL(`/api/tracks/${id}`, site.url));
		return ((await answer.json()) as { play_count: number }).play_count;
	}

	it('a refresh, and a hundred, count once', async () => {
		const listener = stranger();
		assert.deepEqual(await play(listener), { play_count: 1, counted: true });
		for (let n = 0; n < 60; n++) {
			assert.deepEqual(await play(listener), { play_count: 1, counted: false });
		}
		assert.equal(await playCount(), 1);
	});

	it('the browser gets its cookie with the first play that counts, and never again', async () => {
		const listener = stranger();
		assert.equal((await report(listener, 0.5)).status, 422);
		assert.deepEqual(listener.setCookies, []);
		await play(listener);
		const [line = ''] = listener.setCookies;
		assert.match(line, /^listener=[\w-]{22}\.[\w-]{22};/);
		assert.match(line, /httponly/i);
		assert.match(line, /samesite=lax/i);
		assert.match(line, /max-age=31536000/i);
		await play(listener);
		assert.deepEqual(listener.setCookies, []);
	});

	it('a browser that opens a page has its cookie before it listens, and another one after', async () => {
		const listener = stranger();
		await listener.open('/');
		assert.match(
			listener.setCookies[0] ?? '',
			/^listener=[\w-]{22}\.[\da-z]+\.[\w-]{22};.*httponly/i
		);
		await listener.open('/');
		assert.deepEqual(listener.setCookies, []);
		assert.equal((await play(listener, 200)).counted, false, 'it has just come');
		await sleep(2_000);
		const other = stranger();
		other.cookies.set('listener', listener.cookies.get('listener') ?? '');
		assert.equal((await play(listener, 2)).counted, true);
		assert.match(listener.cookies.get('listener') ?? '', /^[\w-]{22}\.[\w-]{22}$/);
		assert.equal((await play(listener, 2)).counted, false);
		assert.equal((await play(other, 2)).counted, false, 'the same browser');
		await bob.open('/');
		assert.equal(bob.cookies.has('listener'), false);
	});

	it('ten tabs at the same moment count once, with a cookie, without one, and signed in', async () => {
		const known = stranger();
		await play(known, ENOUGH, 1);
		await pass(60);
		const before = await playCount();
		for (const [n, who] of [known, stranger(), bob].entries()) {
			const answers = await Promise.all(
				Array.from({ length: 10 }, () => play(who, ENOUGH, n + 10))
			);
			assert.equal(answers.filter(({ counted }) => counted).length, 1);
			assert.equal(await playCount(), before + n + 1);
		}
	});

	it('fifty requests in parallel count once', async () => {
		const answers = await Promise.all(Array.from({ length: 50 }, () => report(bob)));
		assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
		assert.equal(await playCount(), 1);
	});

	it('the same request again counts once, whatever it says', async () => {
		const listener = stranger();
		await play(listener, 1);
		for (const seconds of [1, 1.5, 2, 1_000, 86_400]) {
			assert.equal((await play(listener, seconds)).counted, false);
		}
		assert.equal(await playCount(), 1);
	});

	it('cookies that are thrown away or made up make no new listeners', async () => {
		await play(stranger());
		for (let n = 0; n < 5; n++) {
			const listener = stranger();
			if (n > 2) listener.cookies.set('listener', randomBytes(16).toString('base64url'));
			assert.equal((await play(listener)).counted, false);
			assert.deepEqual(listener.setCookies, []);
		}
		assert.equal(await playCount(), 1);
	});

	it('too little, less than nothing, and what is no number is refused with a sentence', async () => {
		const refused = await report(bob, 0.99);
		assert.equal(refused.status, 422);
		const body = (await refused.json()) as { detail: string; code: string };
		assert.equal(body.code, 'not_listened_enough');
		assert.match(body.detail, /^a play counts after 1 seconds of listening/);
		for (const nonsense of [-1, 'NaN', null, [], 1e9]) {
			assert.equal((await report(bob, nonsense)).status, 422, String(nonsense));
		}
		assert.equal(await playCount(), 0);
	});

	it('somebody who only jumps around has nothing to report', () => {
		const listened = new Listened(180);
		for (let n = 0; n < 500; n++) {
			const sample = { positionSeconds: (n * 37) % 180, isPlaying: true, nowMs: n * 20 };
			assert.equal(listened.feed(sample), null);
		}
	});

	it('two listeners are two, and each counts again when the track could have ended', async () => {
		const [one, other] = [stranger(), stranger()];
		assert.equal((await play(one, ENOUGH, 1)).counted, true);
		assert.equal((await play(other, ENOUGH, 2)).counted, true);
		await pass(28);
		assert.equal((await play(one)).counted, false);
		await pass(2);
		assert.equal((await play(one)).counted, true);
		assert.equal((await play(other)).counted, true);
		assert.equal(await playCount(), 4);
	});

	it('a person is one listener in every browser', async () => {
		const elsewhere = new Visitor(site.url);
		await elsewhere.signIn('bob');
		assert.equal((await play(bob)).counted, true);
		assert.equal((await play(elsewhere, ENOUGH, 9)).counted, false);
		assert.equal(bob.cookies.has('listener'), false);
	});

	it('what an artist plays of their own does not count', async () => {
		assert.deepEqual(await play(alice), { play_count: 0, counted: false });
		assert.equal(await playCount(), 0);
	});

	it('a client of the first api, which says nothing, is heard', async () => {
		const answer = await bob.open(`/api/tracks/${id}/play/`, {
			method: 'POST',
			headers: { origin: site.url }
		});
		assert.deepEqual(await answer.json(), { play_count: 1, counted: true });
	});

	it('another site cannot make a browser of ours listen', async () => {
		const answer = await bob.open(`/api/tracks/${id}/play`, {
			method: 'POST',
			headers: { origin: 'https://elsewhere.example' }
		});
		assert.equal(answer.status, 403);
	});

	it('and there is nothing to play where there is no track', async () => {
		for (const [path, status] of [
			['999999', 404],
			['abc', 422]
		] as const) {
			const answer = await bob.open(`/api/tracks/${path}/play`, {
				method: 'POST',
				headers: { origin: site.url }
			});
			assert.equal(answer.status, status);
		}
	});

	it('the artist sees them without scripts, and takes them along as csv', async () => {
		await play(bob);
		await play(stranger());
		const portal = await (await alice.open('/portal')).text();
		assert.match(portal, /href="[./]*portal\/plays"/);
		for (const path of ['/portal/plays', `/portal/plays?track=${id}`]) {
			const page = await (await alice.open(path)).text();
			assert.match(page, /aria-label="plays by day, [^"]*: 2 in all, 2 at most in a day"/);
			assert.match(page, /aria-label="plays by month, [^"]*: 2 in all, 2 at most in a month"/);
			// icons are drawn of the same
			const main = page.slice(page.indexOf('<main'));
			assert.equal(main.match(/<rect /g)?.length, 42);
			// the policy of the site lets no page style itself so
			assert.doesNotMatch(main, /<svg[^>]*style=/);
			assert.match(page, /a tone, "twice"|a tone, &quot;twice&quot;/);
		}
		const file = await alice.open('/portal/plays.csv');
		assert.match(file.headers.get('content-type') ?? '', /^text\/csv/);
		assert.match(file.headers.get('cache-control') ?? '', /private/);
		const today = new Date().toISOString().slice(0, 10);
		assert.equal(
			await file.text(),
			`day,track_id,title,plays\r\n${today},${id},"a tone, ""twice""",2\r\n`
		);
		assert.equal((await alice.open(`/portal/plays?track=999999`)).status, 404);
		assert.equal((await stranger().open('/portal/plays.csv')).status, 303);
	});
});
