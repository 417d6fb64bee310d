import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Viewer } from '#lib/auth/viewer.ts';
import { changeRelease } from '#lib/server/releases/change-release.ts';
import { publishRelease } from '#lib/server/releases/publish-release.ts';
import { createRelease, getRelease } from '#lib/server/releases/releases.ts';
import { tryLease } from '#lib/server/uploads/lease.ts';
import type { UploadRow } from '#lib/server/uploads/queries.ts';
import { discardUpload, retryUpload } from '#lib/server/uploads/uploads.ts';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import {
	anyPitch,
	listTrackRecords,
	type PublishingSite,
	startPublishingSite,
	waitForUpload
} from './publishing-site.ts';
import {
	arrive,
	beginFile,
	dropFiles,
	numberedFlacs,
	settledAt,
	sixFlacs,
	sixTitles,
	waitForAlbum,
	waitForRelease
} from './release-steps.ts';

describe(
	'a release that is published before its files have been read',
	{ timeout: 240_000 },
	() => {
		let site: PublishingSite;
		let alice: Viewer;
		before(async () => {
			site = await startPublishingSite();
			alice = await site.viewer('alice');
		});
		after(() => site.close());

		const confirm = (id: string) => changeRelease(site.ctx, alice, id, { rights_confirmed: true });
		const begin = (id: string, file: Parameters<typeof beginFile>[3]) =>
			beginFile(site.ctx, alice.did, id, file);

		/** Begins six files and publishes them after 300 ms, when two of them have arrived. */
		async function publishEarly(album: string) {
			const id = await createRelease(site.ctx, alice);
			await confirm(id);
			const files = await sixFlacs(album);
			const begun: ((typeof files)[number] & { upload: UploadRow })[] = [];
			for (const file of files) begun.push({ ...file, upload: await begin(id, file) });
			const arriveOne = async () => {
				const next = begun.shift() ?? assert.fail();
				await arrive(site.ctx, next.upload, next.bytes);
			};
			await arriveOne();
			await arriveOne();
			await sleep(300);
			await publishRelease(site.ctx, alice, id);
			return { id, begun, arriveOne };
		}

		/** What has arrived says that it waits for the rest, and cannot be hurried. */
		async function sayTheyWait(id: string): Promise<void> {
			const { tracks } = await getRelease(site.ctx, alice, id);
			const arrived = tracks.filter(({ upload }) => upload.status !== 'receiving');
			assert.equal(arrived.length, 2);
			for (const { upload } of arrived) {
				const parked = await waitForUpload(
					site.ctx,
					upload.upload_id,
					(row) => row.status === 'waiting' && row.error_code !== 'draft'
				);
				assert.equal(parked.error_code, 'unsettled');
				assert.equal(
					parked.message,
					'ready: goes on by itself when the other files of its release have been read'
				);
				await assert.rejects(retryUpload(site.ctx, alice, parked.id), { code: 'cannot_retry' });
			}
		}

		it('is one album in the order of the tags, though some files were still arriving', async () => {
			const { id, begun, arriveOne } = await publishEarly('Dusk');
			await sayTheyWait(id);
			while (begun.length > 0) await arriveOne();
			const done = await waitForRelease(site.ctx, alice, id, ['completed']);
			assert.deepEqual(
				done.tracks.map(({ fields, suggested }) => fields.title ?? suggested.title),
				sixTitles('Dusk')
			);
			assert.equal(done.fields.album_title, 'Dusk');
			const album = await waitForAlbum(site, alice.did, 'Dusk', sixTitles('Dusk'));
			assert.equal(album.id, done.album?.id);
			assert.equal(album.year, 2024);
			const records = (await listTrackRecords(site.network.pdsUrl, alice.did)).filter(
				({ value }) => value['album'] === 'Dusk'
			);
			records.sort((a, b) =>
				String(a.value['createdAt']).localeCompare(String(b.value['createdAt']))
			);
			assert.deepEqual(
				records.map(({ value }) => value['title']),
				sixTitles('Dusk')
			);
		});

		/** Lets the time a release waits for what nobody sends be a short one. */
		async function withWait<T>(ms: number, act: () => Promise<T>): Promise<T> {
			const { config } = site.ctx;
			const before = config.releaseWaitMs;
			config.releaseWaitMs = ms;
			try {
				return await act();
			} finally {
				config.releaseWaitMs = before;
			}
		}

		const words = () => Buffer.from(`only words, and no music: ${anyPitch()}. `.repeat(300));

		it('waits for a file that somebody sends, however long that takes', async () => {
			const id = await createRelease(site.ctx, alice);
			await confirm(id);
			const [slow, ...others] = (await sixFlacs('Noon')).slice(3).toReversed();
			assert.ok(slow);
			const upload = await begin(id, slow);
			const lease = await tryLease(site.ctx, upload);
			assert.ok(lease);
			await withWait(1_000, async () => {
				const [first = ''] = await dropFiles(site.ctx, alice.did, id, others.slice(0, 1));
				await publishRelease(site.ctx, alice, id);
				await waitForUpload(site.ctx, first, (row) => row.error_code === 'unsettled');
				await sleep(4_000);
				// others that end meanwhile, one of them without becoming a track, end no waiting
				const [broken = '', last = ''] = await dropFiles(site.ctx, alice.did, id, [
					{ fileName: 'broken.mp3', bytes: words() },
					...others.slice(1)
				]);
				await waitForUpload(site.ctx, broken, (row) => row.status === 'failed');
				await waitForUpload(site.ctx, last, (row) => row.error_code === 'unsettled');
				await sleep(2_000);
				assert.equal(await settledAt(site.ctx, id), null);
				await arrive(site.ctx, upload, slow.bytes);
				await lease.release();
				await waitForRelease(site.ctx, alice, id, ['completed', 'failed']);
			});
			await waitForAlbum(site, alice.did, 'Noon', sixTitles('Noon').slice(0, 3));
		});

		it('goes on without what nobody sends; what was begun keeps the place of its name, what joins comes last', async () => {
			const id = await createRelease(site.ctx, alice);
			await confirm(id);
			const [, late, ...others] = await numberedFlacs('Night', [1, 2, 3, 4]);
			const [joins] = await numberedFlacs('Night', [1]);
			assert.ok(late && joins);
			const limitMs = 3_000;
			const half = await withWait(limitMs, async () => {
				const ids = await dropFiles(site.ctx, alice.did, id, others);
				const begun = await begin(id, late);
				const begunAt = Date.now();
				await publishRelease(site.ctx, alice, id);
				for (const one of ids) {
					const row = await waitForUpload(site.ctx, one, (now) => now.status === 'completed');
					assert.ok((row.completed_at?.getTime() ?? 0) >= begunAt + limitMs, 'it was waited for');
				}
				return begun;
			});
			await waitForAlbum(site, alice.did, 'Night', ['Night 3', 'Night 4']);
			const [joined = ''] = await dropFiles(site.ctx, alice.did, id, [joins]);
			await waitForUpload(site.ctx, joined, (row) => row.status === 'completed');
			await waitForAlbum(site, alice.did, 'Night', ['Night 3', 'Night 4', 'Night 1']);
			await arrive(site.ctx, half, late.bytes);
			await waitForUpload(site.ctx, half.id, (row) => row.status === 'completed');
			await waitForAlbum(site, alice.did, 'Night', ['Night 2', 'Night 3', 'Night 4', 'Night 1']);
		});

		it('does not wait for what broke off long ago, nor for a file that cannot be read now', async () => {
			const id = await createRelease(site.ctx, alice);
			await confirm(id);
			const files = (await sixFlacs('Dawn')).slice(0, 3);
			const unread = await makeSample('flac', { seconds: 2, hertz: anyPitch() });
			const { transcoder } = site.ctx;
			const analyse = transcoder.analyse.bind(transcoder);
			transcoder.analyse = async (file, signal) => {
				if (file.sizeBytes !== unread.byteLength) return await analyse(file, signal);
				throw new Error('the transcoder does not answer');
			};
			const [half = '', ...ids] = await dropFiles(
				site.ctx,
				alice.did,
				id,
				files.map((file, index) => ({ ...file, isCut: index === 0 }))
			);
			const [tried = ''] = await dropFiles(site.ctx, alice.did, id, [
				{ fileName: 'unread.flac', bytes: unread }
			]);
			for (const one of ids) {
				await waitForUpload(site.ctx, one, (row) => row.error_code === 'draft');
			}
			await site.ctx.db
				.updateTable('uploads')
				.set({ last_byte_at: new Date(Date.now() - site.ctx.config.releaseWaitMs) })
				.where('release_id', '=', id)
				.execute();
			const publishedAt = Date.now();
			await publishRelease(site.ctx, alice, id);
			for (const one of ids) {
				await waitForUpload(site.ctx, one, (row) => row.status === 'completed');
			}
			assert.ok(Date.now() - publishedAt < site.ctx.config.releaseWaitMs / 2);
			transcoder.analyse = analyse;
			await discardUpload(site.ctx, alice, tried);
			await discardUpload(site.ctx, alice, half);
		});

		it('is settled by no refusal: a file that can be used has to be read first', async () => {
			const id = await createRelease(site.ctx, alice);
			await confirm(id);
			const files = (await sixFlacs('Eve')).slice(3);
			const begun = [];
			for (const file of files) begun.push({ ...file, upload: await begin(id, file) });
			await withWait(0, async () => {
				const [broken = ''] = await dropFiles(site.ctx, alice.did, id, [
					{ fileName: 'broken.mp3', bytes: words() }
				]);
				await publishRelease(site.ctx, alice, id);
				await waitForUpload(site.ctx, broken, (row) => row.status === 'failed');
				await sleep(1_000);
				assert.equal(await settledAt(site.ctx, id), null);
			});
			for (const { upload, bytes } of begun) await arrive(site.ctx, upload, bytes);
			await waitForRelease(site.ctx, alice, id, ['completed', 'failed']);
			await waitForAlbum(site, alice.did, 'Eve', sixTitles('Eve').slice(0, 3));
		});

		it('changes only what publishing changes: a file that broke off is as it was', async () => {
			const id = await createRelease(site.ctx, alice);
			await confirm(id);
			const [cut] = (await sixFlacs('Moss')).slice(0, 1);
			assert.ok(cut);
			const [half = ''] = await dropFiles(site.ctx, alice.did, id, [{ ...cut, isCut: true }]);
			const read = () => waitForUpload(site.ctx, half, () => true);
			const before = await read();
			await publishRelease(site.ctx, alice, id);
			const after = await read();
			assert.ok(after.rights_confirmed_at, 'the statement is kept with it');
			assert.deepEqual({ ...after, rights_confirmed_at: null }, before);
			await discardUpload(site.ctx, alice, half);
		});

		it('is no album when its artist has said so, whatever the files say by then', async () => {
			const id = await createRelease(site.ctx, alice);
			await changeRelease(site.ctx, alice, id, {
				fields: { album_title: '', year: 1999 },
				rights_confirmed: true
			});
			const ids = await dropFiles(site.ctx, alice.did, id, (await sixFlacs('Never')).slice(0, 2));
			await publishRelease(site.ctx, alice, id);
			const done = await waitForRelease(site.ctx, alice, id, ['completed']);
			assert.deepEqual([done.fields.album_title, done.fields.year], ['', 1999]);
			assert.equal(done.album, null);
			const tracks = await site.ctx.db
				.selectFrom('tracks')
				.innerJoin('uploads', 'uploads.track_id', 'tracks.id')
				.select(['album_id', 'named_album'])
				.where('uploads.id', 'in', ids)
				.execute();
			assert.deepEqual(tracks, Array(2).fill({ album_id: null, named_album: null }));
		});

		it('is settled when it opens, with what was said until then', async () => {
			const id = await createRelease(site.ctx, alice);
			const opensAt = new Date(Date.now() + 5_000);
			await changeRelease(site.ctx, alice, id, {
				release_at: opensAt.toISOString(),
				rights_confirmed: true
			});
			const files = await sixFlacs('Spring');
			await dropFiles(site.ctx, alice.did, id, files.slice(4));
			await publishRelease(site.ctx, alice, id);
			// more of it arrives while it waits for its day, and its artist changes their mind
			await dropFiles(site.ctx, alice.did, id, files.slice(0, 4));
			await changeRelease(site.ctx, alice, id, { fields: { album_title: 'Summer' } });
			await waitForRelease(site.ctx, alice, id, ['completed']);
			assert.ok(new Date() >= opensAt);
			await waitForAlbum(site, alice.did, 'Summer', sixTitles('Spring'));
		});
	}
);
