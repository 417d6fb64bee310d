import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Viewer } from '#lib/auth/viewer.ts';
import { makeSmallerFile } from '#lib/server/media/smaller-files.ts';
import { wantLacking } from '#lib/server/media/want-smaller.ts';
import { sweepObjects } from '#lib/server/storage/sweep-objects.ts';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import { deleteTrack } from '#lib/server/tracks/delete-track.ts';
import { listRevisions, restoreRevision } from '#lib/server/tracks/revisions.ts';
import { getStreamedFile, trackRow } from '#lib/server/tracks/tracks.ts';
import { check, problems } from './catalogue-steps.ts';
import {
	anyPitch,
	hashOf,
	listObjects,
	objectBytes,
	type PublishingSite,
	startPublishingSite,
	waitForEmptyStaging,
	waitForUpload
} from './publishing-site.ts';
import { allMade, hurry, sameMusic, smallerOf, smallerRows, until, wav } from './smaller-files.ts';

describe('the smaller file of what is streamed', () => {
	let site: PublishingSite;
	let alice: Viewer;
	let bob: Viewer;
	const published: { viewer: Viewer; id: number }[] = [];

	before(async () => {
		site = await startPublishingSite();
		alice = await site.viewer('alice');
		bob = await site.viewer('bob');
	});
	after(() => site.close());
	afterEach(async () => {
		for (const { viewer, id } of published.splice(0)) await remove(viewer, id);
		assert.deepEqual(await smallerRows(site.ctx), []);
		assert.deepEqual(await audioKeys(), [], 'nothing is left of it');
	});

	const audioKeys = async () =>
		(await listObjects(site.ctx)).filter((key) => key.startsWith('audio/'));

	async function publish(viewer: Viewer, bytes: Buffer, fileName = 'a.wav'): Promise<number> {
		const { id } = await site.publish(viewer.did, { bytes, fileName });
		published.push({ viewer, id });
		return id;
	}

	async function remove(viewer: Viewer, id: number): Promise<void> {
		await deleteTrack(site.ctx, viewer, id).catch(() => undefined);
		await until('the track is still there', async () => {
			const [left] = await site.ctx.sql`
				select 1 from tracks where id = ${id}
				union all select 1 from released_objects where deleted_at is null`;
			return left === undefined;
		});
	}

	const facts = async (fileId: string) =>
		await site.ctx.db
			.selectFrom('audio_files')
			.selectAll()
			.where('file_id', '=', fileId)
			.executeTakeFirstOrThrow();

	it('is a small mp3 of the same length, made after the track is there, and goes with it', async () => {
		const bytes = await wav();
		const id = await publish(alice, bytes);
		const smaller = await smallerOf(site.ctx, id);
		const track = await trackRow(site.ctx, id);
		const [large, small] = [await facts(track.file_id), await facts(smaller)];
		assert.deepEqual([small.file_type, small.content_type], ['mp3', 'audio/mpeg']);
		assert.deepEqual([small.channels, small.sample_rate_hz], [2, 44_100]);
		assert.ok(Math.abs((small.duration_ms ?? 0) - (large.duration_ms ?? 0)) < 100);
		assert.ok(Math.abs((small.bit_rate_bps ?? 0) - 128_000) < 4_000, `${small.bit_rate_bps}`);
		assert.ok(small.size_bytes * 8 < large.size_bytes, `${small.size_bytes}`);
		const stored = await objectBytes(site.ctx, small.storage_key);
		assert.equal(hashOf(stored).sha256, small.sha256);
		const streamed = await getStreamedFile(site.ctx, smaller);
		assert.deepEqual([streamed.sha256, streamed.content_type], [small.sha256, 'audio/mpeg']);
		assert.equal(track.loudness_lufs, large.loudness_lufs);
		await waitForEmptyStaging(site.ctx);
		await remove(alice, id);
		await assert.rejects(getStreamedFile(site.ctx, smaller), { status: 404 });
	});

	it('is mono where the music is', async () => {
		const bytes = await makeSample('wav', { seconds: 8, hertz: anyPitch(), args: ['-ac', '1'] });
		const smaller = await smallerOf(site.ctx, await publish(alice, bytes));
		assert.equal((await facts(smaller)).channels, 1);
	});

	it('is made of what is streamed, not of the original', async () => {
		const bytes = await makeSample('aiff', { seconds: 16, hertz: anyPitch() });
		const id = await publish(alice, bytes, 'a.aiff');
		await smallerOf(site.ctx, id);
		const [row, ...others] = await smallerRows(site.ctx);
		assert.deepEqual(others, []);
		assert.equal(row?.of_file_id, (await trackRow(site.ctx, id)).file_id);
		assert.equal((await audioKeys()).length, 3);
	});

	it('is not made of what is small already, by its bits or by its length', async () => {
		const mp3 = await makeSample('mp3', { seconds: 60, hertz: anyPitch() });
		await publish(alice, mp3, 'a.mp3');
		await publish(alice, await wav(1));
		assert.equal(await site.ctx.jobs.countSmallerFiles(site.ctx.db), 0);
		assert.equal(await wantLacking(site.ctx), 0);
		assert.deepEqual(await smallerRows(site.ctx), []);
	});

	it('is one for two artists of the same file, and stays for the second', async () => {
		const bytes = await wav();
		const hers = await publish(alice, bytes);
		const smaller = await smallerOf(site.ctx, hers);
		const his = await publish(bob, bytes);
		assert.equal(await smallerOf(site.ctx, his), smaller);
		await allMade(site.ctx);
		await remove(alice, hers);
		const { storage_key: key } = await getStreamedFile(site.ctx, smaller);
		assert.ok(await site.ctx.storage.head(key));
		await remove(bob, his);
	});

	it('is one for two files of the same music, and stays for the second', async () => {
		const bytes = await wav();
		const one = await publish(alice, bytes);
		const two = await publish(bob, sameMusic(bytes));
		const smaller = await smallerOf(site.ctx, one);
		assert.equal(await smallerOf(site.ctx, two), smaller);
		assert.equal((await audioKeys()).length, 3);
		await remove(alice, one);
		const { storage_key: key } = await getStreamedFile(site.ctx, smaller);
		assert.ok(await site.ctx.storage.head(key));
		await remove(bob, two);
		assert.equal(await site.ctx.storage.head(key), null);
	});

	it('is another one for replaced audio, and the first again when that is restored', async () => {
		const id = await publish(alice, await wav());
		const first = await smallerOf(site.ctx, id);
		const sent = { bytes: await wav(), fileName: 'b.wav', replacesTrackId: id };
		await waitForUpload(site.ctx, await site.send(alice.did, sent));
		const second = await smallerOf(site.ctx, id);
		assert.notEqual(second, first);
		await assert.rejects(getStreamedFile(site.ctx, first), { status: 404 }, 'nothing streams it');
		const [revision] = await listRevisions(site.ctx, alice, id);
		await restoreRevision(site.ctx, alice, id, revision?.id ?? 0);
		assert.equal(await smallerOf(site.ctx, id), first);
		await assert.rejects(getStreamedFile(site.ctx, second), { status: 404 });
	});

	it('is made when audio is restored that has none', async () => {
		const id = await publish(alice, await wav());
		await smallerOf(site.ctx, id);
		const sent = { bytes: await wav(), fileName: 'b.wav', replacesTrackId: id };
		await waitForUpload(site.ctx, await site.send(alice.did, sent));
		await smallerOf(site.ctx, id);
		await site.ctx.sql`
			delete from smaller_files where of_file_id <> (select file_id from tracks where id = ${id})`;
		const [revision] = await listRevisions(site.ctx, alice, id);
		await restoreRevision(site.ctx, alice, id, revision?.id ?? 0);
		await smallerOf(site.ctx, id);
	});

	it('is made of tracks from before by the sweep, each once', async () => {
		const ids = [await publish(alice, await wav()), await publish(alice, await wav())];
		for (const id of ids) await smallerOf(site.ctx, id);
		await allMade(site.ctx);
		await site.ctx.sql`delete from smaller_files`;
		await site.ctx.sql`update audio_files set created_at = now() - interval '3 days'`;
		await sweepObjects(site.ctx);
		assert.equal((await audioKeys()).length, 2, 'nobody refers to the former ones');
		assert.equal(await wantLacking(site.ctx), 2);
		assert.equal(await wantLacking(site.ctx), 0, 'they are asked for');
		for (const id of ids) await smallerOf(site.ctx, id);
	});

	it('that is lost is made again when the catalogue is checked, and nobody is bothered', async () => {
		const id = await publish(alice, await wav());
		const smaller = await smallerOf(site.ctx, id);
		await allMade(site.ctx);
		const { storage_key: key, sha256 } = await facts(smaller);
		await site.ctx.storage.delete(key);
		await check(site.ctx, alice);
		assert.deepEqual(await problems(site.ctx, alice), []);
		await until('it is not there', async () => (await site.ctx.storage.head(key)) !== null);
		assert.equal(hashOf(await objectBytes(site.ctx, key)).sha256, sha256);
		assert.equal(await smallerOf(site.ctx, id), smaller);
		await allMade(site.ctx);
	});

	/** Somebody's upload is worked on. @returns how it ends */
	async function beBusy(): Promise<() => Promise<unknown>> {
		const row = { artist_did: bob.did, rkey: 'busy', message: '', file_name: 'a.wav' };
		const busy = { ...row, id: crypto.randomUUID(), status: 'processing', stage: 'received' };
		await site.ctx.sql`insert into uploads ${site.ctx.sql(busy)}`;
		return () => site.ctx.sql`delete from uploads where id = ${busy.id}`;
	}

	/** A track whose smaller file is gone, and that nobody is about to make again. */
	async function publishWithout(): Promise<{ id: number; fileId: string }> {
		const id = await publish(alice, await wav());
		await smallerOf(site.ctx, id);
		await allMade(site.ctx);
		await site.ctx.sql`delete from smaller_files`;
		await site.ctx.sql`update audio_files set created_at = now() - interval '3 days'`;
		await sweepObjects(site.ctx);
		return { id, fileId: (await trackRow(site.ctx, id)).file_id };
	}

	it('waits while uploads are worked on, and not for more than an hour', async () => {
		const { id, fileId } = await publishWithout();
		const end = await beBusy();
		const stop = new AbortController();
		const since = new Date().toISOString();
		const waiting = makeSmallerFile(site.ctx, { fileId, since }, stop.signal);
		await sleep(3_000);
		assert.deepEqual(await smallerRows(site.ctx), []);
		stop.abort();
		await assert.rejects(waiting);
		const longAgo = new Date(Date.now() - 61 * 60 * 1000).toISOString();
		await makeSmallerFile(site.ctx, { fileId, since: longAgo }, new AbortController().signal);
		await smallerOf(site.ctx, id);
		await end();
	});

	it('is broken off when an upload comes, and made after it', async (test) => {
		const { id, fileId } = await publishWithout();
		const { transcoder } = site.ctx;
		const analyse = transcoder.analyse.bind(transcoder);
		let brokenOff = 0;
		let end: () => Promise<unknown> = () => Promise.resolve();
		const { mock } = test.mock.method(
			transcoder,
			'analyse',
			async (...[file, signal]: Parameters<typeof analyse>) => {
				mock.restore();
				end = await beBusy();
				// it may have been broken off while it became busy
				if (!signal.aborted) {
					await new Promise((resolve) => signal.addEventListener('abort', resolve));
				}
				brokenOff++;
				return await analyse(file, signal);
			}
		);
		const job = { fileId, since: new Date().toISOString() };
		const making = makeSmallerFile(site.ctx, job, new AbortController().signal);
		await until('it goes on', () => Promise.resolve(brokenOff === 1));
		await sleep(500);
		assert.deepEqual(
			(await smallerRows(site.ctx)).map((row) => [row.file_id, row.attempts]),
			[[null, 0]]
		);
		await end();
		await making;
		await smallerOf(site.ctx, id);
	});

	it('that cannot be made is tried a few times and given up; the track plays', async () => {
		const id = await publish(alice, await wav());
		await smallerOf(site.ctx, id);
		await allMade(site.ctx);
		const { file_id: fileId, ...track } = await trackRow(site.ctx, id);
		const { storage_key: key, content_type: contentType, size_bytes: size } = await facts(fileId);
		const whole = await objectBytes(site.ctx, key);
		await site.ctx.storage.put(key, Buffer.alloc(size, 'no music '), { contentType });
		await site.ctx.sql`delete from smaller_files`;
		const said = (event: string) =>
			site.logged.filter((line) => line['event'] === event && line['fileId'] === fileId).length;
		assert.equal(await wantLacking(site.ctx), 1);
		await until('it is not given up', async () => {
			await hurry(site.ctx);
			return said('smaller_file_given_up') === 1;
		});
		assert.equal(said('smaller_file_tried_again_later'), 4);
		const [row] = await smallerRows(site.ctx);
		assert.deepEqual([row?.file_id, row?.attempts], [null, 5]);
		assert.equal(await wantLacking(site.ctx), 0, 'it is left alone');
		assert.ok(track.title);
		assert.equal((await getStreamedFile(site.ctx, fileId)).storage_key, key);
		await site.ctx.storage.put(key, whole, { contentType });
		await site.ctx.sql`update smaller_files set tried_at = now() - interval '8 days'`;
		assert.equal(await wantLacking(site.ctx), 1, 'after a week it is tried once more');
		await smallerOf(site.ctx, id);
		await allMade(site.ctx);
	});

	it('leaves nothing when the track is deleted while it is made', async (test) => {
		const { id, fileId } = await publishWithout();
		const { staging } = site.ctx.storage;
		const store = staging.publish.bind(staging);
		test.mock.method(staging, 'publish', async (...of: Parameters<typeof store>) => {
			await store(...of);
			await remove(alice, id);
		});
		const job = { fileId, since: new Date().toISOString() };
		await makeSmallerFile(site.ctx, job, new AbortController().signal);
		test.mock.restoreAll();
		assert.deepEqual(await audioKeys(), []);
	});
});
