import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Viewer } from '#lib/auth/viewer.ts';
import {
	cancelAccountDeletion,
	getAccountDeletion,
	requestAccountDeletion,
	requireConfirmation
} from '#lib/server/accounts/delete-account.ts';
import { deleteRecords } from '#lib/server/accounts/delete-records.ts';
import { findArtist } from '#lib/server/artists/artists.ts';
import { createSession, findViewer } from '#lib/server/auth/sessions.ts';
import { createDeveloperToken } from '#lib/server/auth/developer-tokens.ts';
import { likeTrack } from '#lib/server/likes/like-track.ts';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import { seedImage } from '#lib/server/testing/seeds.ts';
import { getStreamedFile, getTrack, listNewestTracks } from '#lib/server/tracks/tracks.ts';
import { type KillableSite, startKillableSite } from './killable-site.ts';
import { runPlyr } from '../../src/cli/run-plyr.ts';
import { addHold, waitForHeld } from './killable-worker.ts';
import { listLikeRecords } from './like-steps.ts';
import { anyPitch, listObjects, listTrackRecords } from './publishing-site.ts';

/** What stays of somebody: that a record was deleted, who let go of an object, what happened. */
const STAYS = new Set([
	'record_tombstones',
	'released_objects',
	'business_events',
	'operator_actions'
]);

describe('an account that is deleted', { timeout: 240_000 }, () => {
	let killable: KillableSite;
	let site: KillableSite['site'];
	let alice: Viewer;
	let bob: Viewer;
	before(async () => {
		killable = await startKillableSite();
		({ site, alice } = killable);
		bob = await site.viewer('bob');
	});
	after(() => killable.close());

	const sql = () => killable.database.sql;
	const didsListed = async () =>
		(await listNewestTracks(site.ctx, null)).tracks.map(({ title }) => title);

	/** A file both have published, one of her own, one by its address only, likes both ways, a draft. */
	async function publishAll() {
		const shared = await makeSample('mp3', { seconds: 1, hertz: anyPitch() });
		await site.publish(alice.did, { bytes: shared, fields: { title: 'shared', album: 'tides' } });
		const { id: own } = await site.publish(alice.did, {
			fields: { title: 'own', album: 'tides', tags: ['drone'] }
		});
		await site.publish(alice.did, { fields: { title: 'by its address', isUnlisted: true } });
		const bobs = await site.publish(bob.did, { bytes: shared, fields: { title: 'his' } });
		await likeTrack(site.ctx, alice, bobs.id);
		await likeTrack(site.ctx, bob, own);
		const image = await seedImage(site.ctx.db, 'her face');
		await site.ctx.db
			.updateTable('artists')
			.set({ avatar_image_id: image })
			.where('did', '=', alice.did)
			.execute();
		return { own, bobs: bobs.id };
	}

	/** What everybody sees, and finds. */
	const state = async () => [
		await sql()`select id, visibility from tracks order by id`,
		await sql()`select did, is_hidden from artists order by did`,
		await sql()`select kind, ref, name, words::text, uses from search_entries order by kind, ref`
	];
	const rowsNaming = async (did: string): Promise<string[]> => {
		const tables = await sql()<{ table: string }[]>`
			select table_name as table from information_schema.tables
			where table_schema = 'public' and table_type = 'BASE TABLE'`;
		const naming: string[] = [];
		for (const { table } of tables) {
			const rows = await sql()`
				select 1 from ${sql()(table)} as kept where kept::text like ${`%${did}%`} limit 1`;
			if (rows.length > 0) naming.push(table);
		}
		return naming.filter((table) => !STAYS.has(table));
	};
	const makeDue = async () => {
		await sql()`update account_deletions set due_at = now() - interval '1 second'`;
		await sql()`update pgboss.job set start_after = now() where name = 'account-deletions'`;
	};
	async function untilGone(did: string): Promise<void> {
		for (let n = 0; n < 600; n++) {
			const state = await getAccountDeletion(site.ctx, { did });
			if (state === null || state.state === 'records_left') return;
			await sleep(100);
		}
		throw new Error('it is not deleted');
	}

	it('has to be called by its name', () => {
		assert.throws(() => requireConfirmation(alice, 'alice'), { code: 'invalid_field' });
		requireConfirmation(alice, ' @Alice.test ');
	});

	it('is hidden at once and everywhere, and comes back exactly as it was', async () => {
		const { own, bobs } = await publishAll();
		const before = await state();
		const { fileId } = await getTrack(site.ctx, null, own);
		const session = await createSession(site.ctx.db, {
			...{ did: alice.did, handle: alice.handle, device: null, grantEndsAt: undefined }
		});
		await requestAccountDeletion(site.ctx, alice, { withRecords: true });
		await assert.rejects(requestAccountDeletion(site.ctx, alice, { withRecords: false }), {
			code: 'account_deletion'
		});
		assert.deepEqual(await didsListed(), ['his']);
		await assert.rejects(getTrack(site.ctx, null, own), { status: 410 });
		await assert.rejects(getStreamedFile(site.ctx, fileId), { status: 410 });
		await assert.rejects(findArtist(site.ctx, { handle: 'alice.test' }), {
			status: 410,
			message: /who published it has left/
		});
		assert.equal(await findViewer(site.ctx.db, session.id), null, 'she is signed out');
		await assert.rejects(site.publish(alice.did), { code: 'account_deletion' });
		assert.equal((await getTrack(site.ctx, null, bobs)).title, 'his');
		assert.ok(await site.ctx.oauth.hasGrant(alice.did), 'her records are to go, too');

		await cancelAccountDeletion(site.ctx, alice);
		assert.deepEqual(await state(), before);
		assert.equal((await findArtist(site.ctx, { handle: 'alice.test' })).did, alice.did);
		await assert.rejects(cancelAccountDeletion(site.ctx, alice), {
			code: 'account_deletion_begun'
		});
		await site.signIn('alice');
	});

	it('is gone everywhere when it was killed again and again, and others keep what is theirs', async () => {
		const [{ count } = { count: 0 }] = await sql()<{ count: number }[]>`
			select like_count as count from tracks where title = 'his'`;
		assert.equal(count, 1);
		await createDeveloperToken(site.ctx, alice, { name: 'x', scope: 'write', days: 30 });
		await sql()`update images set offered_at = now() - interval '3 days'`;
		const holds: [string, string][] = [
			['deletion_tracks', 'delete on tracks'],
			['deletion_likes', 'delete on likes'],
			['deletion_objects', 'update on released_objects'],
			['deletion_artists', 'delete on artists']
		];
		const add = [];
		for (const [name, event] of holds) add.push(await addHold(killable.database, name, event));
		await requestAccountDeletion(site.ctx, alice, { withRecords: true });
		for (const hold of add) {
			const letGo = await hold();
			await makeDue();
			await waitForHeld(killable.database);
			await killable.worker.kill();
			await letGo();
			killable.worker.start();
			await killable.worker.started;
		}
		await makeDue();
		await untilGone(alice.did);
		assert.deepEqual(await rowsNaming(alice.did), []);
		assert.equal(await getAccountDeletion(site.ctx, alice), null);
		assert.deepEqual(await listTrackRecords(site.network.pdsUrl, alice.did), []);
		assert.deepEqual(await listLikeRecords(site, alice.did), []);
		const [track] = await sql()`select id, like_count from tracks where title = 'his'`;
		assert.equal(track?.['like_count'], 0);
		assert.equal((await getTrack(site.ctx, null, Number(track['id']))).title, 'his');
		const kept = await sql()<{ storage_key: string }[]>`select storage_key from audio_files`;
		const audio = (await listObjects(site.ctx)).filter((key) => key.startsWith('audio/'));
		assert.deepEqual(audio, kept.map(({ storage_key: key }) => key).sort());
		assert.equal(await site.ctx.oauth.hasGrant(alice.did), false);
	});

	it('leaves the records where that was wanted, and whoever comes back begins anew', async () => {
		await site.signIn('alice');
		await site.publish(alice.did, { fields: { title: 'again' } });
		const records = await listTrackRecords(site.network.pdsUrl, alice.did);
		assert.equal(records.length, 1);
		await requestAccountDeletion(site.ctx, alice, { withRecords: false });
		assert.equal(await site.ctx.oauth.hasGrant(alice.did), false, 'nothing needs it any more');
		await makeDue();
		await untilGone(alice.did);
		assert.deepEqual(await rowsNaming(alice.did), []);
		assert.deepEqual(await listTrackRecords(site.network.pdsUrl, alice.did), records);
		await site.signIn('alice');
		assert.deepEqual(await didsListed(), ['his']);
	});

	it('says what the repository keeps, and the rest goes after the next sign-in; new records stay', async () => {
		await site.publish(alice.did, { fields: { title: 'the last one' } });
		await requestAccountDeletion(site.ctx, alice, { withRecords: true });
		// her server knows the sign-in no longer
		await sql()`delete from oauth_sessions where did = ${alice.did}`;
		await makeDue();
		await untilGone(alice.did);
		const state = await getAccountDeletion(site.ctx, alice);
		assert.equal(state?.state, 'records_left');
		assert.match(state.sentence, /sign in again/);
		assert.equal((await listTrackRecords(site.network.pdsUrl, alice.did)).length, 2);

		await site.signIn('alice');
		const { id } = await site.publish(alice.did, { fields: { title: 'a new life' } });
		await site.ctx.jobs.enqueueAccountDeletion(site.ctx.db, alice.did);
		await untilForgotten();
		const left = await listTrackRecords(site.network.pdsUrl, alice.did);
		assert.deepEqual(
			left.map(({ value }) => value['title']),
			['a new life']
		);
		assert.equal((await getTrack(site.ctx, null, id)).title, 'a new life');
	});

	it('says so when the repository is not shown: that is not taken for an empty one', async () => {
		const did = 'did:plc:nobodyshowsthisone234567';
		const refusing = {
			...site.ctx,
			oauth: {
				...site.ctx.oauth,
				identify: () => Promise.resolve({ pdsUrl: 'https://pds.example' }),
				safeFetch: () =>
					Promise.resolve(
						Response.json({ error: 'RepoDeactivated', message: 'it is paused' }, { status: 400 })
					)
			}
		} as unknown as typeof site.ctx;
		const left = await deleteRecords(refusing, { did, until: null }, new AbortController().signal);
		assert.equal(left?.code, 'record_refused');
		assert.match(left.sentence, /does not show your repository: it is paused/);
	});

	it('is gone at once when whoever runs the site wants that', async () => {
		const lines: string[] = [];
		const say = (line: string) => lines.push(line);
		const env = { ...process.env, ...site.env };
		const code = await runPlyr(['delete-account', 'alice.test', '--records', '--now'], {
			env,
			say
		});
		assert.deepEqual({ code, lines }, { code: 0, lines: [`${alice.did} is deleted`] });
		assert.deepEqual(await rowsNaming(alice.did), []);
		assert.deepEqual(await listTrackRecords(site.network.pdsUrl, alice.did), []);
		const unknown = await runPlyr(['delete-account', 'alice.test'], { env, say });
		assert.equal(unknown, 2, 'nobody here is called that any more');
	});

	async function untilForgotten(): Promise<void> {
		for (let n = 0; n < 300 && (await getAccountDeletion(site.ctx, alice)); n++) await sleep(100);
		assert.equal(await getAccountDeletion(site.ctx, alice), null);
	}
});
