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

		it('waits for a file that arrives and arrives no longer than the limit; it comes last then', async () => {
			const { config } = site.ctx;
			const limitMs = 3_000;
			const before = config.releaseWaitMs;
			config.releaseWaitMs = limitMs;
			const id = await createRelease(site.ctx, alice);
			await confirm(id);
			const [stuck, ...others] = (await sixFlacs('Noon')).toReversed();
			assert.ok(stuck);
			const upload = await begin(id, stuck);
			// somebody holds the line and sends nothing
			const lease = await tryLease(site.ctx, upload);
			assert.ok(lease);
			const ids = await dropFiles(site.ctx, alice.did, id, others);
			const publishedAt = Date.now();
			await publishRelease(site.ctx, alice, id);
			for (const one of ids) {
				const row = await waitForUpload(site.ctx, one, (now) => now.status === 'completed');
				assert.ok((row.completed_at?.getTime() ?? 0) >= publishedAt + limitMs, 'it was waited for');
			}
			assert.ok(Date.now() - publishedAt < limitMs + 15_000);
			config.releaseWaitMs = before;
			const titles = sixTitles('Noon').slice(1);
			await waitForAlbum(site, alice.did, 'Noon', titles);

			await lease.release();
			await arrive(site.ctx, upload, stuck.bytes);
			await waitForUpload(site.ctx, upload.id, (row) => row.status === 'completed');
			// it says that it is the first track; what is published keeps its order
			await waitForAlbum(site, alice.did, 'Noon', [...titles, 'Noon 1']);
		});

		it('does not wait for a file that broke off, nor for one that cannot be read now', async () => {
			const id = await createRelease(site.ctx, alice);
			await confirm(id);
			const [broken, ...others] = (await sixFlacs('Night')).slice(0, 3);
			assert.ok(broken);
			const unread = await makeSample('flac', { seconds: 2, hertz: anyPitch() });
			const half = await begin(id, broken);
			const { transcoder } = site.ctx;
			const analyse = transcoder.analyse.bind(transcoder);
			transcoder.analyse = async (file, signal) => {
				if (file.sizeBytes !== unread.byteLength) return await analyse(file, signal);
				throw new Error('the transcoder does not answer');
			};
			const [tried = ''] = await dropFiles(site.ctx, alice.did, id, [
				{ fileName: 'unread.flac', bytes: unread }
			]);
			await site.ctx.db
				.updateTable('uploads')
				.set({ updated_at: new Date(Date.now() - 60_000) })
				.where('id', '=', half.id)
				.execute();
			const ids = await dropFiles(site.ctx, alice.did, id, others);
			await publishRelease(site.ctx, alice, id);
			for (const one of ids) {
				await waitForUpload(site.ctx, one, (row) => row.status === 'completed');
			}
			transcoder.analyse = analyse;
			const { tracks } = await getRelease(site.ctx, alice, id);
			assert.equal(tracks.filter(({ upload }) => upload.status === 'completed').length, 2);
			await discardUpload(site.ctx, alice, tried);
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
