import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Viewer } from '#lib/auth/viewer.ts';
import { DomainError } from '#lib/server/errors.ts';
import { changeRelease } from '#lib/server/releases/change-release.ts';
import { discardRelease } from '#lib/server/releases/discard-release.ts';
import { publishRelease } from '#lib/server/releases/publish-release.ts';
import { createRelease, getRelease, listReleases } from '#lib/server/releases/releases.ts';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import { discardUpload, retryUpload } from '#lib/server/uploads/uploads.ts';
import {
	anyPitch,
	listObjects,
	listTrackRecords,
	type PublishingSite,
	startPublishingSite,
	waitForUpload
} from './publishing-site.ts';
import { dropFiles, waitForRelease } from './release-steps.ts';

const song = (tags: Record<string, string> = {}) =>
	makeSample('mp3', { seconds: 1, hertz: anyPitch(), tags });

describe('a release', { timeout: 300_000 }, () => {
	let site: PublishingSite;
	let alice: Viewer;
	before(async () => {
		site = await startPublishingSite();
		alice = viewer(await site.signIn('alice'));
	});
	after(() => site.close());

	const viewer = (did: string): Viewer => ({
		did,
		handle: 'alice.test',
		displayName: 'alice the artist',
		avatarUrl: null
	});
	const records = () => listTrackRecords(site.network.pdsUrl, alice.did);
	const confirm = (id: string) => changeRelease(site.ctx, alice, id, { rights_confirmed: true });
	const drop = (id: string, files: Parameters<typeof dropFiles>[3]) =>
		dropFiles(site.ctx, alice.did, id, files);
	const tracksOf = (albumId: string | undefined) =>
		site.ctx.db
			.selectFrom('tracks')
			.select(['title', 'album_position', 'created_at', 'image_id'])
			.where('album_id', '=', albumId ?? '')
			.orderBy('album_position')
			.execute();

	it('is prepared as a draft, and nothing of it is public before it is published', async () => {
		const before = { records: await records(), objects: await listObjects(site.ctx) };
		const id = await createRelease(site.ctx, alice);
		await drop(id, [
			{
				fileName: '02 - second.aiff',
				bytes: await makeSample('aiff', { seconds: 1, hertz: anyPitch() })
			},
			{ fileName: '01 - first.mp3', bytes: await song({ title: 'First Light', album: 'Dawn' }) }
		]);
		const draft = await waitForRelease(site.ctx, alice, id, ['waiting']);
		assert.deepEqual(
			draft.tracks.map(({ upload, position, suggested }) => [
				position,
				suggested.title,
				upload.stage
			]),
			[
				[1, 'First Light', 'transcoded'],
				[2, 'second', 'transcoded']
			]
		);
		for (const { upload } of draft.tracks) {
			assert.equal(upload.error_code, 'draft');
			assert.equal(upload.message, 'ready: publish the release when you are');
			assert.equal(upload.release_id, id);
		}
		assert.equal(draft.suggested.album_title, 'Dawn');
		assert.deepEqual(await records(), before.records);
		assert.deepEqual(await listObjects(site.ctx), before.objects);
		assert.deepEqual(
			(await listReleases(site.ctx, alice)).map((release) => release.release_id),
			[id]
		);
		const [{ upload } = assert.fail()] = draft.tracks;
		await assert.rejects(retryUpload(site.ctx, alice, upload.upload_id), { code: 'cannot_retry' });

		await assert.rejects(publishRelease(site.ctx, alice, id), { code: 'rights_not_confirmed' });
		await confirm(id);
		await publishRelease(site.ctx, alice, id);
		const done = await waitForRelease(site.ctx, alice, id, ['completed']);
		assert.equal(done.status, 'published');
		assert.equal((await records()).length, before.records.length + 2);
		assert.deepEqual(await listReleases(site.ctx, alice), []);
		const { rights_confirmed_at: rightsConfirmedAt } = await waitForUpload(
			site.ctx,
			upload.upload_id
		);
		assert.ok(rightsConfirmedAt);
	});

	it('keeps the order of its twelve tracks, whichever is finished first', async () => {
		const id = await createRelease(site.ctx, alice);
		const names = Array.from({ length: 12 }, (_, at) => `song ${at + 1}`);
		const files = await Promise.all(
			names.map(async (name) => ({ fileName: `${name}.mp3`, bytes: await song() }))
		);
		await drop(id, files.toReversed());
		await changeRelease(site.ctx, alice, id, {
			fields: { album_title: 'Twelve', description: 'all of it', year: 2026 },
			rights_confirmed: true
		});
		// published before anything is ready: what arrives later goes on by itself
		await publishRelease(site.ctx, alice, id);
		const done = await waitForRelease(site.ctx, alice, id, ['completed'], 120_000);
		assert.deepEqual(
			done.tracks.map(({ suggested }) => suggested.title),
			names,
			'counted as a person counts'
		);
		const tracks = await tracksOf(done.album?.id);
		assert.deepEqual(
			tracks.map(({ title, album_position: position }) => [title, position]),
			names.map((name, at) => [name, at + 1])
		);
		const times = tracks.map((track) => track.created_at.getTime());
		assert.deepEqual(
			times.map((time) => time - (times[0] ?? 0)),
			names.map((_, at) => at)
		);
		const album = await site.ctx.db
			.selectFrom('albums')
			.selectAll()
			.where('id', '=', done.album?.id ?? '')
			.executeTakeFirstOrThrow();
		assert.deepEqual([album.title, album.description, album.year], ['Twelve', 'all of it', 2026]);
		const written = (await records()).filter(({ value }) => value['album'] === 'Twelve');
		written.sort((a, b) =>
			String(a.value['createdAt']).localeCompare(String(b.value['createdAt']))
		);
		assert.deepEqual(
			written.map(({ value }) => value['title']),
			names
		);
	});

	it('publishes the rest when one file is broken and one is a duplicate', async () => {
		const id = await createRelease(site.ctx, alice);
		const known = await song();
		const published = await site.send(alice.did, {
			bytes: known,
			fileName: 'known.mp3',
			fields: { title: 'known' }
		});
		const { track_id: trackId } = await waitForUpload(site.ctx, published);
		const twice = await song();
		await drop(id, [
			{ fileName: '01.mp3', bytes: await song() },
			{ fileName: '02.mp3', bytes: known },
			{
				fileName: '03.mp3',
				bytes: Buffer.concat([(await song()).subarray(0, 3_000), Buffer.alloc(40_000, 7)])
			},
			{ fileName: '04.mp3', bytes: twice },
			{ fileName: '05.mp3', bytes: twice },
			{
				fileName: '06.flac',
				bytes: (await makeSample('flac', { seconds: 4, hertz: anyPitch() })).subarray(0, 20_000)
			}
		]);
		const draft = await waitForRelease(site.ctx, alice, id, ['waiting', 'failed']);
		const byName = (name: string) =>
			draft.tracks.find(({ upload }) => upload.file_name === name) ?? assert.fail(name);
		assert.equal(byName('02.mp3').upload.error_code, 'duplicate_upload');
		assert.deepEqual(byName('02.mp3').duplicate_of, {
			track_id: trackId,
			upload_id: null,
			title: 'known'
		});
		assert.deepEqual(byName('05.mp3').duplicate_of, {
			track_id: null,
			upload_id: byName('04.mp3').upload.upload_id,
			title: '04.mp3'
		});
		assert.equal(byName('06.flac').upload.status, 'failed');
		await changeRelease(site.ctx, alice, id, {
			fields: { album_title: 'Most of It' },
			rights_confirmed: true
		});
		const publish = async () => {
			await publishRelease(site.ctx, alice, id);
			const { db } = site.ctx;
			const release = db.selectFrom('releases').select('published_at').where('id', '=', id);
			return (await release.executeTakeFirstOrThrow()).published_at;
		};
		const publishedAt = await publish();
		assert.ok(publishedAt);
		assert.deepEqual(await publish(), publishedAt, 'publishing twice is one release');
		const done = await waitForRelease(site.ctx, alice, id, ['completed', 'failed']);
		const tracks = await tracksOf(done.album?.id);
		const expected = done.tracks.filter(({ upload }) => upload.status === 'completed');
		assert.deepEqual(
			tracks.map(({ title }) => title),
			expected.map(({ suggested }) => suggested.title)
		);
		assert.ok(expected.length >= 2 && expected.length < 6);
		assert.equal(
			(await records()).filter(({ value }) => value['album'] === 'Most of It').length,
			expected.length
		);
	});

	it('is not published without a single track in it', async () => {
		const id = await createRelease(site.ctx, alice);
		await confirm(id);
		await assert.rejects(publishRelease(site.ctx, alice, id), { code: 'nothing_to_publish' });
	});

	it('is discarded with its uploads and their bytes, also those a worker is at', async () => {
		const before = await records();
		const { transcoder } = site.ctx;
		const analyse = transcoder.analyse.bind(transcoder);
		const held = Promise.withResolvers<null>();
		const begun = Promise.withResolvers<null>();
		transcoder.analyse = async (file, signal) => {
			begun.resolve(null);
			await held.promise;
			return await analyse(file, signal);
		};
		const id = await createRelease(site.ctx, alice);
		await drop(id, [
			{ fileName: '1.mp3', bytes: await song() },
			{ fileName: '2.mp3', bytes: await song() },
			{ fileName: '3.mp3', bytes: await song(), isCut: true }
		]);
		await begun.promise;
		await discardRelease(site.ctx, alice, id);
		held.resolve(null);
		transcoder.analyse = analyse;
		await assert.rejects(getRelease(site.ctx, alice, id), { code: 'release_not_found' });
		assert.deepEqual(
			await site.ctx.db.selectFrom('uploads').select('id').where('release_id', '=', id).execute(),
			[]
		);
		const staged = await Array.fromAsync(site.ctx.storage.staging.list());
		assert.deepEqual(staged, []);
		assert.deepEqual(await records(), before);
	});

	it('loses a track that is taken out while a worker is at it, and only that', async () => {
		const { transcoder } = site.ctx;
		const analyse = transcoder.analyse.bind(transcoder);
		const held = Promise.withResolvers<null>();
		transcoder.analyse = async (file, signal) => {
			await held.promise;
			return await analyse(file, signal);
		};
		const id = await createRelease(site.ctx, alice);
		const [gone = ''] = await drop(id, [
			{ fileName: '1.mp3', bytes: await song() },
			{ fileName: '2.mp3', bytes: await song() }
		]);
		await waitForUpload(site.ctx, gone, (row) => row.status === 'processing');
		await discardUpload(site.ctx, alice, gone);
		held.resolve(null);
		transcoder.analyse = analyse;
		const rest = await waitForRelease(site.ctx, alice, id, ['waiting']);
		assert.deepEqual(
			rest.tracks.map(({ upload, position }) => [upload.file_name, position]),
			[['2.mp3', 1]]
		);
		await discardRelease(site.ctx, alice, id);
	});

	it('does not exist for anybody else', async () => {
		const id = await createRelease(site.ctx, alice);
		const bob = viewer(await site.signIn('bob'));
		const notFound = (cause: unknown) =>
			cause instanceof DomainError && cause.status === 404 && cause.code === 'release_not_found';
		await assert.rejects(getRelease(site.ctx, bob, id), notFound);
		await assert.rejects(changeRelease(site.ctx, bob, id, {}), notFound);
		await assert.rejects(publishRelease(site.ctx, bob, id), notFound);
		await assert.rejects(discardRelease(site.ctx, bob, id), notFound);
		await assert.rejects(
			dropFiles(site.ctx, bob.did, id, [{ fileName: 'x.mp3', bytes: await song() }]),
			notFound
		);
		await assert.rejects(getRelease(site.ctx, bob, 'no-uuid'), notFound);
	});
});
