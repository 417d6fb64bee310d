import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'node:test';
import { sql } from 'kysely';
import type { Viewer } from '#lib/auth/viewer.ts';
import { DomainError } from '#lib/server/errors.ts';
import { seedArtist, seedAudioFile } from '#lib/server/testing/seeds.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { unseen } from '#lib/server/testing/unseen.ts';
import { createListeners } from './listeners.ts';
import { apartSeconds, countPlay, type Listener, playBody } from './plays.ts';

const alice = 'did:plc:alice';
const bob = 'did:plc:bob';
const secret = randomBytes(32);
const MONTH_MS = 30 * 24 * 60 * 60 * 1000;

const person = (did: string): Viewer => ({ did, handle: 'x.test', displayName: null }) as Viewer;
const refusedAs = (status: number, code: string) => (cause: unknown) =>
	cause instanceof DomainError && cause.status === status && cause.code === code;

describe('counting plays', () => {
	let database: TestDatabase;
	let ctx: Parameters<typeof countPlay>[0];
	let id: number;
	let made = 0;

	before(async () => {
		database = await openTestDatabase();
		ctx = { db: database.db, listeners: createListeners([secret]), metrics: unseen().metrics };
		await seedArtist(database.db, alice, 'Alice');
	});
	after(() => database.close());
	beforeEach(async () => {
		await sql`delete from plays`.execute(database.db);
		await sql`delete from sessions`.execute(database.db);
		await session(bob, 30);
		id = await track(180_000);
	});

	/** Somebody signed in so many days ago. */
	const session = (did: string, days: number) =>
		sql`
		insert into sessions (id_hash, did, handle, expires_at, created_at)
		values (${`${did} ${days}`}, ${did}, 'x.test', now() + interval '1 day',
			now() - make_interval(days => ${days}))`.execute(database.db);

	async function track(durationMs: number | null): Promise<number> {
		const rkey = `r${++made}`;
		const fileId = await seedAudioFile(database.db, rkey, 'mp3', durationMs);
		const row = await database.db
			.insertInto('tracks')
			.values({
				artist_did: alice,
				rkey,
				record_uri: `at://${alice}/fm.plyr.track/${rkey}`,
				record_cid: 'cid',
				title: rkey,
				features: '[]',
				file_id: fileId,
				original_file_id: fileId,
				duration_ms: durationMs,
				created_at: new Date(Date.now() - MONTH_MS)
			})
			.returning('id')
			.executeTakeFirstOrThrow();
		return row.id;
	}

	const signedIn = (did: string): Listener => ({
		viewer: person(did),
		cookie: undefined,
		clientKey: '203.0.113.1'
	});
	const browser = (cookie: string | undefined, clientKey = '203.0.113.1'): Listener => ({
		viewer: null,
		cookie,
		clientKey
	});
	const play = (listener: Listener, playedSeconds: number | undefined = 30, trackId = id) =>
		countPlay(ctx, listener, String(trackId), { played_seconds: playedSeconds });
	const counted = async (listener: Listener, playedSeconds?: number) =>
		(await play(listener, playedSeconds)).body.counted;
	/** As if so much time had passed since every play. */
	const pass = (seconds: number) =>
		sql`update plays set played_at = played_at - make_interval(secs => ${seconds})`.execute(
			database.db
		);
	const rows = () =>
		database.db.selectFrom('plays').selectAll().where('track_id', '=', id).execute();
	const shownCount = async () =>
		(
			await database.db
				.selectFrom('tracks')
				.select('play_count')
				.where('id', '=', id)
				.executeTakeFirstOrThrow()
		).play_count;

	it('counts one listener once within the length of the track, and again after it', async () => {
		assert.deepEqual((await play(signedIn(bob))).body, { play_count: 1, counted: true });
		assert.deepEqual((await play(signedIn(bob))).body, { play_count: 1, counted: false });
		await pass(178);
		assert.equal(await counted(signedIn(bob)), false);
		await pass(2);
		assert.deepEqual((await play(signedIn(bob))).body, { play_count: 2, counted: true });
		assert.equal((await rows()).length, 2);
		assert.equal(await shownCount(), 2);
	});

	it('counts each listener, whoever they are, by themselves', async () => {
		const one = ctx.listeners.newCookie();
		const other = ctx.listeners.newCookie();
		for (const listener of [
			signedIn(bob),
			signedIn('did:plc:carol'),
			browser(one),
			browser(other)
		]) {
			assert.equal(await counted(listener), true);
		}
		for (const listener of [browser(other), browser(one), signedIn(bob)]) {
			assert.equal(await counted(listener), false);
		}
		assert.equal(await shownCount(), 4);
	});

	it('counts fifty reports of one listener at the same moment once', async () => {
		for (const listener of [signedIn(bob), browser(ctx.listeners.newCookie())]) {
			const before = await shownCount();
			const answers = await Promise.all(Array.from({ length: 50 }, () => play(listener)));
			assert.equal(answers.filter(({ body }) => body.counted).length, 1);
			assert.equal(await shownCount(), before + 1);
		}
		assert.equal((await rows()).length, 2);
	});

	it('counts fifty tabs of a browser without a cookie once, and gives one of them the cookie', async () => {
		const answers = await Promise.all(Array.from({ length: 50 }, () => play(browser(undefined))));
		assert.equal(await shownCount(), 1);
		const cookies = answers.flatMap(({ newCookie }) => newCookie ?? []);
		assert.equal(cookies.length, 1);
		assert.equal(await counted(browser(cookies[0])), false);
		// somebody elsewhere is somebody else
		assert.equal(await counted(browser(undefined, '203.0.113.2')), true);
	});

	it('counts fifty listeners at the same moment fifty times', async () => {
		const listeners = Array.from({ length: 50 }, () => browser(ctx.listeners.newCookie()));
		await Promise.all(listeners.map((listener) => play(listener)));
		assert.equal(await shownCount(), 50);
		assert.equal((await rows()).length, 50);
	});

	it('does not believe that a browser has listened for longer than it was here', async () => {
		const here = (seconds: number) =>
			browser(ctx.listeners.visitCookie(Date.now() - 1_000 * seconds), '203.0.113.9');
		assert.equal(await counted(here(10), 30), false);
		assert.equal(await counted(here(10), undefined), false);
		// at twice the speed
		assert.equal(await counted(here(16), 30), true);
		assert.equal(await counted(here(60), 180), false);
		assert.equal(await counted(here(180), 180), true);
		const { cookie = '' } = here(180);
		const [bytes = '', time = '', signature = ''] = cookie.split('.');
		const older = (Number.parseInt(time, 36) - 1e6).toString(36);
		for (const made of [`${bytes}.${older}.${signature}`, `${bytes}.${signature}`]) {
			assert.equal(await counted(browser(made, '203.0.113.9'), 30), false, 'made up');
		}
	});

	it('counts two browsers at one address that listen at the same moment', async () => {
		const visit = () => ctx.listeners.visitCookie(Date.now() - 60_000);
		const [one, other] = [browser(visit(), '203.0.113.3'), browser(visit(), '203.0.113.3')];
		const { body, newCookie } = await play(one);
		assert.ok(body.counted);
		assert.equal(await counted(other), true);
		// the cookie it has from then on is of the same browser
		assert.equal(await counted(browser(newCookie, '203.0.113.3')), false);
		assert.equal(await counted(browser(undefined, '203.0.113.3')), false);
		assert.equal(await shownCount(), 2);
	});

	it('counts so many new browsers at an address and no more, of whatever track', async () => {
		const begin = () => browser(ctx.listeners.visitCookie(Date.now() - 60_000), '203.0.113.4');
		const regular = await play(begin());
		const answers = await Promise.all(Array.from({ length: 100 }, () => play(begin())));
		const added = answers.filter(({ body }) => body.counted).length;
		assert.ok(added >= 58 && added < 60, `${added} of 100`);
		id = await track(180_000);
		await pass(60);
		assert.equal(await counted(begin()), false);
		assert.equal(await counted(browser(undefined, '203.0.113.4')), false);
		assert.equal(await counted(browser(regular.newCookie, '203.0.113.4')), true);
		assert.equal(await counted(browser(undefined, '203.0.113.5')), true, 'elsewhere');
	});

	it('takes a cookie that is none of ours for none', async () => {
		const other = createListeners([randomBytes(32)]).newCookie();
		for (const cookie of [other, 'x', '', `${'A'.repeat(22)}.${'A'.repeat(22)}`]) {
			await play(browser(cookie, '203.0.113.8'));
		}
		assert.equal(await shownCount(), 1);
	});

	it('knows a cookie from before the key was replaced', () => {
		const cookie = ctx.listeners.newCookie();
		assert.ok(createListeners([randomBytes(32), secret]).browserOf(cookie));
		assert.equal(createListeners([randomBytes(32)]).browserOf(cookie), undefined);
	});

	it('keeps neither who it was nor their cookie nor their address', async () => {
		const { newCookie = '' } = await play(browser(undefined, '198.51.100.7'));
		await play(signedIn(bob));
		const { rows: kept } = await sql<{
			line: string;
		}>`select plays::text as line from plays`.execute(database.db);
		for (const { line } of kept) {
			for (const secretWord of [bob, '198.51', newCookie, Buffer.from(bob).toString('hex')]) {
				assert.ok(!line.includes(secretWord), line);
			}
		}
	});

	it('leaves out what artists play of their own', async () => {
		assert.deepEqual((await play(signedIn(alice))).body, { play_count: 0, counted: false });
		assert.equal((await rows()).length, 0);
	});

	it('counts what was listened to earlier at its time, each once', async () => {
		const report = async (ageSeconds: number) => {
			const body = { played_seconds: 30, age_seconds: ageSeconds };
			return (await countPlay(ctx, signedIn(bob), String(id), body)).body.counted;
		};
		const told = [];
		for (const age of [3_600, 7_200, 3_500, 3_700, 3_000, 0, 100]) told.push(await report(age));
		assert.deepEqual(told, [true, true, false, false, true, true, false]);
		const agesOf = (await rows()).map(({ played_at }) => (Date.now() - Number(played_at)) / 1_000);
		for (const [n, age] of [7_200, 3_600, 3_000, 0].entries()) {
			const there = agesOf.toSorted((a, b) => b - a)[n] ?? NaN;
			assert.ok(Math.abs(there - age) < 20, `${there}, not ${age}`);
		}
		for (const age_seconds of [-1, 8 * 86_400, '1', NaN]) {
			assert.equal(playBody.safeParse({ age_seconds }).success, false);
		}
		// a browser that was not here then
		const young = browser(ctx.listeners.visitCookie(Date.now() - 60_000), '203.0.113.6');
		const body = { played_seconds: 30, age_seconds: 3_600 };
		assert.equal((await countPlay(ctx, young, String(id), body)).body.counted, false);
	});

	it('counts nothing that was listened to while the same listener heard something else', async () => {
		const other = await track(180_000);
		const report = async (trackId: number, ageSeconds: number, playedSeconds = 30) => {
			const body = { played_seconds: playedSeconds, age_seconds: ageSeconds };
			return (await countPlay(ctx, signedIn(bob), String(trackId), body)).body.counted;
		};
		assert.equal(await report(id, 600), true);
		assert.equal(await report(other, 600), false);
		assert.equal(await report(other, 590), false);
		assert.equal(await report(other, 610), false);
		assert.equal(await report(other, 580), true, 'at twice the speed');
		assert.equal(await report(id, 100, 2_000), false, 'this began before');
		assert.equal(await report(id, 100, 600), true);
		assert.equal(
			(await countPlay(ctx, signedIn('did:plc:carol'), String(other), { played_seconds: 30 })).body
				.counted,
			true
		);
	});

	it('counts a person’s plays of ten tracks at the same moment once', async () => {
		const ids = await Promise.all(Array.from({ length: 10 }, () => track(180_000)));
		const answers = await Promise.all(ids.map((trackId) => play(signedIn(bob), 30, trackId)));
		assert.equal(answers.filter(({ body }) => body.counted).length, 1);
	});

	it('counts nothing from before the listener was here', async () => {
		const carol = 'did:plc:carol';
		const report = async (listener: Listener, ageSeconds: number) => {
			const body = { played_seconds: 30, age_seconds: ageSeconds };
			return (await countPlay(ctx, listener, String(id), body)).body.counted;
		};
		assert.equal(await report(signedIn(carol), 200), false, 'never heard of');
		await session(carol, 0);
		let told = 0;
		for (let n = 1; n < 50; n++) told += Number(await report(signedIn(carol), n * 200));
		assert.equal(told, 0);
		await session(carol, 1);
		assert.equal(await report(signedIn(carol), 80_000), true);
		assert.equal(await report(signedIn(carol), 90_000), false);
		// a browser whose cookie tells no time any more, by its first play
		const known = browser(ctx.listeners.newCookie());
		assert.equal(await report(known, 200), false);
		assert.equal(await report(known, 0), true);
		await pass(1_000);
		assert.equal(await report(known, 500), true);
		assert.equal(await report(known, 1_500), false);
	});

	it('counts nothing from before a track was there', async () => {
		const body = { played_seconds: 30, age_seconds: 3_600 };
		await database.db
			.updateTable('tracks')
			.set({ created_at: new Date(Date.now() - 1_800_000) })
			.where('id', '=', id)
			.execute();
		assert.equal((await countPlay(ctx, signedIn(bob), String(id), body)).body.counted, false);
		body.age_seconds = 1_700;
		assert.equal((await countPlay(ctx, signedIn(bob), String(id), body)).body.counted, true);
	});

	it('refuses, with a sentence, what was not listened to for long enough', async () => {
		await assert.rejects(play(signedIn(bob), 29.9), (cause: unknown) => {
			assert.ok(refusedAs(422, 'not_listened_enough')(cause));
			assert.ok(cause instanceof Error);
			assert.equal(cause.message, 'a play counts after 30 seconds of listening; these were 29.9');
			return true;
		});
		id = await track(20_000);
		await assert.rejects(play(signedIn(bob), 9.9), refusedAs(422, 'not_listened_enough'));
		assert.equal(await counted(signedIn(bob), 10), true);
	});

	it('refuses what is no number of seconds', () => {
		const values = ['30', null, NaN, Infinity, -1, -0.5, [], {}, true, 100_000];
		for (const played_seconds of values) {
			const { success } = playBody.safeParse({ played_seconds });
			assert.equal(success, false, JSON.stringify(played_seconds));
		}
		assert.equal(playBody.safeParse({ seconds: 30 }).success, false);
		assert.equal(playBody.safeParse({}).success, true);
	});

	it('does not count more listening than there was time for since the last play', async () => {
		assert.equal(await counted(signedIn(bob)), true);
		await pass(200);
		assert.equal(await counted(signedIn(bob), 500), false);
		assert.equal(await counted(signedIn(bob), 300), true);
	});

	it('counts an unlisted track, and says of one that is gone that it is', async () => {
		const as = (visibility: 'unlisted' | 'deleting') =>
			database.db.updateTable('tracks').set({ visibility }).where('id', '=', id).execute();
		await as('unlisted');
		assert.equal(await counted(signedIn(bob)), true);
		await as('deleting');
		await assert.rejects(play(signedIn(bob)), refusedAs(410, 'track_removed'));
		await assert.rejects(play(signedIn(bob), 30, 999_999), refusedAs(404, 'track_not_found'));
		await assert.rejects(countPlay(ctx, signedIn(bob), 'abc', {}), refusedAs(422, 'invalid_field'));
		await database.db.deleteFrom('tracks').where('id', '=', id).execute();
		assert.equal((await rows()).length, 0);
	});

	it('takes any listening for enough where nobody here knows the length, once an hour', async () => {
		id = await track(null);
		assert.equal(await counted(signedIn(bob), 4), true);
		await pass(3590);
		assert.equal(await counted(signedIn(bob), 4), false);
		await pass(10);
		assert.equal(await counted(signedIn(bob), 4), true);
	});

	it('keeps plays apart by the length of the track, half a minute at least and an hour at most', () => {
		assert.equal(apartSeconds(4_000), 29);
		assert.equal(apartSeconds(180_000), 179);
		assert.equal(apartSeconds(7_200_000), 3_599);
		assert.equal(apartSeconds(null), 3_599);
	});
});
