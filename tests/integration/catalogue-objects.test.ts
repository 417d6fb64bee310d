import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import type { Viewer } from '#lib/auth/viewer.ts';
import type { CatalogueState } from '#lib/catalogue/catalogue.ts';
import { whatIsWrong, whatRepairDoes } from '#lib/catalogue/problem-words.ts';
import { changeAlbum } from '#lib/server/albums/change-album.ts';
import { createAlbum } from '#lib/server/albums/create-album.ts';
import { resumeWaitingAlbums } from '#lib/server/albums/sync-album.ts';
import {
	getCatalogueState,
	listProblems,
	repairEverything,
	repairOwnProblem
} from '#lib/server/catalogue/catalogue.ts';
import { repairArtwork, repairCover } from '#lib/server/catalogue/repair-artwork.ts';
import { resumeCatalogue } from '#lib/server/catalogue/request-check.ts';
import { DomainError } from '#lib/server/errors.ts';
import { findImage, storeImage } from '#lib/server/media/images.ts';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import { editTrack } from '#lib/server/tracks/edit-track.ts';
import { listRevisions } from '#lib/server/tracks/revisions.ts';
import { trackRow } from '#lib/server/tracks/tracks.ts';
import { check, otherClient, problems, settled } from './catalogue-steps.ts';
import {
	anyPitch,
	hashOf,
	objectBytes,
	type PublishingSite,
	startPublishingSite,
	waitForUpload
} from './publishing-site.ts';

describe('a catalogue whose files are not where they ought to be', () => {
	let site: PublishingSite;
	let alice: Viewer;
	let bob: Viewer;

	before(async () => {
		site = await startPublishingSite();
		alice = await site.viewer('alice');
		bob = await site.viewer('bob');
	});
	after(() => site.close());

	/** A file that gets a version browsers play beside it. */
	const aiff = () => makeSample('aiff', { seconds: 1, hertz: anyPitch() });
	const publishAiff = async (bytes?: Uint8Array) => {
		const file = { bytes: bytes ?? (await aiff()), fileName: 'a.aiff' };
		return await site.publish(alice.did, file);
	};

	async function filesOf(id: number) {
		const [files] = await site.ctx.sql<
			{ streamed: string; original: string; fileId: string; streamedSha: string }[]
		>`
			select f.storage_key as streamed, o.storage_key as original, f.file_id as "fileId",
				f.sha256 as "streamedSha"
			from tracks join audio_files f on f.file_id = tracks.file_id
				join audio_files o on o.file_id = tracks.original_file_id
			where tracks.id = ${id}`;
		return files ?? assert.fail('no track');
	}
	const lose = (key: string) => site.ctx.storage.delete(key);
	const found = () => problems(site.ctx, alice);
	const only = async () => {
		const [problem, ...others] = await found();
		assert.deepEqual(others, []);
		return problem ?? assert.fail('nothing was found');
	};
	const repairAll = async () => {
		await repairEverything(site.ctx, alice, { isConfirmed: true });
		await settled(site.ctx, alice);
	};
	const assertClean = async () => {
		await check(site.ctx, alice);
		assert.deepEqual(await found(), []);
	};
	const hasSha = async (key: string) => hashOf(await objectBytes(site.ctx, key)).sha256;

	const pictureOf = (background: string) =>
		sharp({ create: { width: 700, height: 700, channels: 3, background } })
			.png()
			.toBuffer();
	const keysOf = async (imageId: string) => {
		const [image] = await site.ctx.sql<{ renditions: Record<string, string> }[]>`
			select renditions from images where image_id = ${imageId}`;
		return [...new Set(Object.values(image?.renditions ?? {}))];
	};
	const loseImage = async (imageId: string) => {
		for (const key of await keysOf(imageId)) await lose(key);
	};
	const albumOf = (id: string) =>
		site.ctx.db.selectFrom('albums').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
	const written = async (albumId: string) => {
		for (let i = 0; i < 200; i++) {
			const { sync_done: done, sync_wanted: wanted } = await albumOf(albumId);
			if (done >= wanted) return;
			await sleep(100);
		}
		assert.fail('the album is not written');
	};
	/** Something that happens when the storage is asked for the next time. */
	const meanwhile = (test: TestContext, act: () => Promise<unknown>) => {
		const { storage } = site.ctx;
		const head = storage.head.bind(storage);
		const { mock } = test.mock.method(storage, 'head', async (key: string) => {
			mock.restore();
			await act();
			return await head(key);
		});
	};

	it('has what listeners hear made again from what was uploaded', async () => {
		const { id } = await publishAiff();
		const { streamed, streamedSha } = await filesOf(id);
		const before = await trackRow(site.ctx, id);
		await lose(streamed);
		await check(site.ctx, alice);
		const problem = await only();
		assert.deepEqual([problem.kind, problem.detail.remedy], ['audio_missing', 'remake']);
		assert.match(whatIsWrong(problem), /does not answer, so nobody can hear it.*is still here$/);
		await repairAll();
		assert.equal(await hasSha(streamed), streamedSha);
		assert.equal((await trackRow(site.ctx, id)).record_cid, before.record_cid);
		await assertClean();
	});

	it('and when it is there, but not of the size it was kept with', async () => {
		const { id } = await publishAiff();
		const { streamed, streamedSha } = await filesOf(id);
		await site.ctx.storage.put(streamed, new Uint8Array(7), { contentType: 'audio/mpeg' });
		await check(site.ctx, alice);
		assert.equal((await only()).kind, 'audio_missing');
		await repairAll();
		assert.equal(await hasSha(streamed), streamedSha);
		await assertClean();
	});

	it('has the record name the new file when another converter makes another one', async () => {
		const { id } = await publishAiff();
		const { fileId } = await filesOf(id);
		// as an earlier converter would have left it: a file that nobody can make any more
		const gone = 'f'.repeat(16);
		await site.ctx.sql`
			insert into audio_files (file_id, sha256, storage_key, file_type, content_type, size_bytes)
			values (${gone}, ${'f'.repeat(64)}, ${`audio/${gone}.mp3`}, 'mp3', 'audio/mpeg', 1000)`;
		await site.ctx.sql`update tracks set file_id = ${gone} where id = ${id}`;
		const elsewhere = await otherClient(site.ctx, alice.did);
		await elsewhere.edits(id, { audioUrl: `http://127.0.0.1:3999/audio/${gone}`, mood: 'blue' });
		await check(site.ctx, alice);
		assert.equal((await only()).kind, 'audio_missing');
		await repairAll();
		assert.equal((await filesOf(id)).fileId, fileId);
		const record = await elsewhere.read(id);
		assert.equal(record['audioUrl'], `http://127.0.0.1:3999/audio/${fileId}`);
		assert.equal(record['mood'], 'blue');
		assert.deepEqual(await listRevisions(site.ctx, alice, id), [], 'nothing else is heard');
		await assertClean();
	});

	it('plays another file of the same music when what was uploaded is gone as well', async () => {
		const bytes = await aiff();
		const { id } = await publishAiff(bytes);
		await site.publish(bob.did, { bytes, fileName: 'a.aiff' });
		const { fileId: whole } = await filesOf(id);
		const gone = 'e'.repeat(16);
		await site.ctx.sql`
			insert into audio_files (file_id, sha256, storage_key, file_type, content_type, size_bytes)
			values (${gone}, ${'e'.repeat(64)}, ${`audio/${gone}.mp3`}, 'mp3', 'audio/mpeg', 1000)`;
		await site.ctx.sql`update tracks set file_id = ${gone} where id = ${id}`;
		const elsewhere = await otherClient(site.ctx, alice.did);
		await elsewhere.edits(id, { audioUrl: `http://127.0.0.1:3999/audio/${gone}` });
		await lose((await filesOf(id)).original);
		await check(site.ctx, alice);
		assert.equal((await only()).detail.remedy, 'copy');
		await repairAll();
		assert.equal((await filesOf(id)).fileId, whole);
		await check(site.ctx, alice);
		const { kind } = await only();
		assert.equal(kind, 'original_missing', 'what was uploaded is still missing, and said to be');
		const again = await site.send(alice.did, { bytes, fileName: 'a.aiff', replacesTrackId: id });
		assert.equal((await waitForUpload(site.ctx, again)).status, 'completed');
		await assertClean();
	});

	it('takes the very same file again when nothing else is left', async () => {
		const { id, bytes } = await site.publish(alice.did, { fields: { title: 'sent again' } });
		const before = await trackRow(site.ctx, id);
		const { streamed } = await filesOf(id);
		const refused = site.send(alice.did, { bytes, fileName: 'a.mp3', replacesTrackId: id });
		await assert.rejects(
			refused,
			(cause) => cause instanceof DomainError && cause.code === 'same_audio'
		);
		await site.ctx.storage.put(streamed, new Uint8Array(7), { contentType: 'audio/mpeg' });
		await check(site.ctx, alice);
		const problem = await only();
		assert.match(whatIsWrong(problem), /there is no other copy of it here$/);
		assert.equal(whatRepairDoes(problem), null);
		await assert.rejects(
			repairOwnProblem(site.ctx, alice, problem.id, { isConfirmed: true }),
			(cause) => cause instanceof DomainError && cause.code === 'send_the_file'
		);
		const sent = await site.send(alice.did, { bytes, fileName: 'a.mp3', replacesTrackId: id });
		const upload = await waitForUpload(site.ctx, sent);
		assert.equal(upload.status, 'completed', upload.error ?? '');
		assert.equal(await hasSha(streamed), hashOf(bytes).sha256);
		const now = await trackRow(site.ctx, id);
		assert.deepEqual([now.file_id, now.record_cid], [before.file_id, before.record_cid]);
		assert.deepEqual(await listRevisions(site.ctx, alice, id), []);
		assert.deepEqual(await found(), [], 'it is forgotten without another check');
		await assertClean();
	});

	it('makes earlier versions restorable again, or takes the lost ones off the list', async () => {
		const { id } = await publishAiff();
		const first = await filesOf(id);
		for (const bytes of [await aiff(), await aiff()]) {
			const sent = await site.send(alice.did, { bytes, fileName: 'b.aiff', replacesTrackId: id });
			assert.equal((await waitForUpload(site.ctx, sent)).status, 'completed');
		}
		assert.equal((await listRevisions(site.ctx, alice, id)).length, 2);
		await lose(first.streamed);
		await check(site.ctx, alice);
		assert.deepEqual((await only()).detail, { remedy: 'remake' });
		await repairAll();
		assert.equal(await hasSha(first.streamed), first.streamedSha);
		await lose(first.streamed);
		await lose(first.original);
		await check(site.ctx, alice);
		assert.match(whatRepairDoes(await only()) ?? '', /taken off the list/);
		await repairAll();
		assert.equal((await listRevisions(site.ctx, alice, id)).length, 1);
		await assertClean();
	});

	it('shows artwork in the sizes that are left, and takes off what is lost', async () => {
		const picture = await pictureOf('#a04060');
		const { imageId } = await storeImage(site.ctx, picture);
		const { id } = await site.publish(alice.did, { fields: { title: 'with art', imageId } });
		const keys = () => keysOf(imageId);
		const all = await keys();
		const lost = all.filter((key) => key.includes('square-96'));
		assert.ok(lost.length > 0);
		for (const key of lost) await lose(key);
		await check(site.ctx, alice);
		assert.deepEqual((await only()).detail, { someLeft: true });
		await repairAll();
		assert.deepEqual((await keys()).sort(), all.filter((key) => !lost.includes(key)).sort());
		await assertClean();

		await loseImage(imageId);
		await check(site.ctx, alice);
		assert.match(whatIsWrong(await only()), /artwork is gone/);
		await repairAll();
		assert.equal((await trackRow(site.ctx, id)).image_id, null);
		await assertClean();
		await storeImage(site.ctx, picture);
		assert.ok(await findImage(site.ctx, imageId));
		for (const key of await keys()) assert.ok(await site.ctx.storage.head(key), key);
		assert.equal((await keys()).length, all.length, 'the same picture can be given again');
	});

	it('names an album whose cover is gone, shows it in the sizes that are left, or takes it off', async () => {
		const picture = await pictureOf('#40a060');
		const { imageId } = await storeImage(site.ctx, picture);
		const albumId = await createAlbum(site.ctx, alice, { title: 'with a cover', imageId });
		const album = () => albumOf(albumId);
		const keys = () => keysOf(imageId);
		await written(albumId);
		await assertClean();
		const all = await keys();
		const lost = all.filter((key) => key.includes('square-96'));
		for (const key of lost) await lose(key);
		await check(site.ctx, alice);
		const some = await only();
		assert.deepEqual([some.kind, some.title], ['cover_missing', 'with a cover']);
		assert.equal(whatIsWrong(some), 'some sizes of its cover are gone from our storage');
		await repairAll();
		assert.deepEqual((await keys()).sort(), all.filter((key) => !lost.includes(key)).sort());
		await assertClean();

		await loseImage(imageId);
		await check(site.ctx, alice);
		// the same picture again is a cover again, and the portal has nothing to say any more
		await storeImage(site.ctx, picture);
		await changeAlbum(site.ctx, alice, albumId, { imageId });
		assert.deepEqual(await found(), []);
		await assertClean();

		await loseImage(imageId);
		await check(site.ctx, alice);
		const none = await only();
		assert.equal(whatIsWrong(none), 'its cover is gone from our storage');
		assert.match(whatRepairDoes(none) ?? '', /choose a cover again/);
		const { subjects } = await listProblems(site.ctx, alice);
		assert.equal(subjects[0]?.albumPath, '/u/alice.test/album/with-a-cover');
		await repairAll();
		await written(albumId);
		assert.equal((await album()).image_id, null);
		await assertClean();
		const repo = (await site.ctx.oauth.agentFor(alice.did)).com.atproto.repo;
		const { rkey } = await album();
		const address = { repo: alice.did, collection: 'fm.plyr.dev.list', rkey: rkey ?? '' };
		const { value } = (await repo.getRecord(address)).data;
		assert.deepEqual([value['name'], value['imageUrl']], ['with a cover', undefined]);
	});

	it('names the cover of an album that only tracks name, too', async () => {
		const { imageId } = await storeImage(site.ctx, await pictureOf('#4060a0'));
		const fields = { title: 'of an album', album: 'only named', imageId };
		const { id } = await site.publish(alice.did, { fields });
		await editTrack(site.ctx, alice, id, { wanted: { imageId: null } });
		await loseImage(imageId);
		await check(site.ctx, alice);
		const problem = await only();
		assert.deepEqual([problem.kind, problem.title], ['cover_missing', 'only named']);
		await repairAll();
		const [album] = await site.ctx
			.sql`select image_id, rkey from albums where title = 'only named'`;
		assert.deepEqual(album, { image_id: null, rkey: null });
		await assertClean();
	});

	it('keeps a picture that is chosen while the one of before is looked for', async (test) => {
		const { imageId: cover } = await storeImage(site.ctx, await pictureOf('#204060'));
		const { imageId: artwork } = await storeImage(site.ctx, await pictureOf('#206040'));
		const { imageId: chosen } = await storeImage(site.ctx, await pictureOf('#604020'));
		const albumId = await createAlbum(site.ctx, alice, { title: 'covered', imageId: cover });
		const { id } = await site.publish(alice.did, { fields: { title: 'shown', imageId: artwork } });
		await written(albumId);
		await loseImage(cover);
		await loseImage(artwork);
		const { signal } = new AbortController();
		meanwhile(test, () => changeAlbum(site.ctx, alice, albumId, { imageId: chosen }));
		await repairCover(site.ctx, { album_id: albumId }, signal);
		await written(albumId);
		assert.equal((await albumOf(albumId)).image_id, chosen);
		meanwhile(test, () => editTrack(site.ctx, alice, id, { wanted: { imageId: chosen } }));
		await repairArtwork(site.ctx, { track_id: id }, signal);
		assert.equal((await trackRow(site.ctx, id)).image_id, chosen);
		await assertClean();
	});

	it('takes no cover off an album that is being changed, and says what it waits for', async () => {
		const { imageId } = await storeImage(site.ctx, await pictureOf('#602040'));
		const albumId = await createAlbum(site.ctx, alice, { title: 'waiting', imageId });
		await written(albumId);
		await loseImage(imageId);
		await check(site.ctx, alice);
		const { id } = await only();
		const waits = (code: string | null) => site.ctx.sql`
			update albums set sync_wanted = sync_done + 1, waiting_code = ${code}, waiting_since = now()
			where id = ${albumId}`;
		const repair = () => repairOwnProblem(site.ctx, alice, id, { isConfirmed: true });
		for (const [code, sentence] of [
			['permission_needed', /sign in once more to allow it/],
			['record_refused', /refused the last change of this album\. save the album again/]
		] as const) {
			await waits(code);
			await repair();
			await settled(site.ctx, alice);
			const problem = await only();
			assert.equal(problem.repair, 'failed');
			assert.match(problem.error ?? '', sentence);
		}
		await waits('sign_in_again');
		await repair();
		const says = async (isSaid: (state: CatalogueState) => boolean) => {
			for (let i = 0; !isSaid(await getCatalogueState(site.ctx, alice)); i++) {
				assert.ok(i < 200, 'it is not said');
				await sleep(50);
			}
		};
		await says(({ needsSignIn }) => needsSignIn);
		assert.equal((await only()).repair, 'wanted');
		await waits(null);
		await resumeCatalogue(site.ctx, alice.did);
		await says(({ trouble }) => trouble?.startsWith('an album is being changed') === true);
		assert.equal((await albumOf(albumId)).image_id, imageId);
		// what happens at a sign-in
		await waits('sign_in_again');
		await resumeWaitingAlbums(site.ctx, alice.did);
		await written(albumId);
		await resumeCatalogue(site.ctx, alice.did);
		await settled(site.ctx, alice);
		await written(albumId);
		assert.equal((await albumOf(albumId)).image_id, null);
		await assertClean();
	});
});
