import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { UploadStage } from '#lib/server/db/schema.ts';
import { changeRelease } from '#lib/server/releases/change-release.ts';
import { publishRelease } from '#lib/server/releases/publish-release.ts';
import { createRelease } from '#lib/server/releases/releases.ts';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import { type KillableSite, startKillableSite } from './killable-site.ts';
import { addStageHold, waitForHeld } from './killable-worker.ts';
import {
	anyPitch,
	hashOf,
	listObjects,
	listTrackRecords,
	objectBytes,
	type PublishingSite,
	waitForEmptyStaging,
	waitForUpload
} from './publishing-site.ts';
import { dropFiles } from './release-steps.ts';

/** A restarted worker takes up what the killed one left within this. */
const RECOVERY_LIMIT_MS = 40_000;

const STAGES = ['inspected', 'transcoded', 'stored', 'published', 'indexed'] as const;

describe('an upload whose worker is killed is finished by the next one', () => {
	let killable: KillableSite;
	let database: KillableSite['database'];
	let site: KillableSite['site'];
	let alice: string;
	let worker: KillableSite['worker'];
	const holds = new Map<UploadStage, Awaited<ReturnType<typeof addStageHold>>>();

	before(async () => {
		killable = await startKillableSite();
		({ database, site, worker } = killable);
		alice = killable.alice.did;
		for (const stage of STAGES) holds.set(stage, await addStageHold(database, stage));
	});
	after(() => killable.close());

	const holdAt = async (stage: UploadStage) => (await holds.get(stage)?.()) ?? assert.fail(stage);

	async function sendAiff() {
		const bytes = await makeSample('aiff', { seconds: 2, hertz: anyPitch() });
		const objectsBefore = await listObjects(site.ctx);
		const id = await site.send(alice, { bytes, fileName: 'a.aiff', fields: { title: 'a song' } });
		return { bytes, id, objectsBefore };
	}

	/** One record, one track, one original and one rendition with the right bytes, and nothing else. */
	async function assertPublishedOnce(sent: Awaited<ReturnType<typeof sendAiff>>) {
		const upload = await waitForUpload(site.ctx, sent.id, undefined, RECOVERY_LIMIT_MS);
		assert.equal(upload.status, 'completed', upload.error ?? upload.message);
		const uri = `at://${alice}/fm.plyr.dev.track/${upload.rkey}`;
		const records = await listTrackRecords(site.network.pdsUrl, alice);
		const uploads = await database.sql`select 1 from uploads where status = 'completed'`;
		assert.equal(records.length, uploads.length, 'one record per upload');
		assert.equal(records.filter((record) => record.uri === uri).length, 1);

		const tracks = await site.ctx.db
			.selectFrom('tracks')
			.selectAll()
			.where('record_uri', '=', uri)
			.execute();
		assert.equal(tracks.length, 1);
		const [track] = tracks;
		assert.ok(track);
		assert.equal(track.id, upload.track_id);
		assert.equal(track.original_file_id, hashOf(sent.bytes).sha256.slice(0, 16));
		const record = records.find((one) => one.uri === uri);
		assert.equal(record?.cid, track.record_cid);
		assert.equal(record.value['audioUrl'], `http://127.0.0.1:3999/audio/${track.file_id}`);

		const objects = await listObjects(site.ctx);
		const added = objects.filter((key) => !sent.objectsBefore.includes(key));
		const files = await site.ctx.db
			.selectFrom('audio_files')
			.selectAll()
			.where('file_id', 'in', [track.file_id, track.original_file_id])
			.execute();
		assert.deepEqual(added, files.map((file) => file.storage_key).sort());
		assert.equal(files.length, 2);
		for (const file of files) {
			const { sha256, sizeBytes } = hashOf(await objectBytes(site.ctx, file.storage_key));
			assert.deepEqual([sha256, sizeBytes], [file.sha256, file.size_bytes]);
		}
		await waitForEmptyStaging(site.ctx);
	}

	for (const stage of STAGES) {
		it(`when it dies with all of "${stage}" done, before it could say so`, async () => {
			const release = await holdAt(stage);
			const sent = await sendAiff();
			await waitForHeld(database);
			await worker.restart();
			await release();
			await assertPublishedOnce(sent);
		});

		it(`when it dies right after it said "${stage}"`, async () => {
			const sent = await sendAiff();
			const said = await newsOf(site, sent.id, stage);
			await worker.restart();
			await assertPublishedOnce(sent);
			assert.equal(said, stage);
		});
	}

	it('when it dies as soon as it has begun', async () => {
		const sent = await sendAiff();
		await waitForUpload(site.ctx, sent.id, (row) => row.status === 'processing');
		await worker.restart();
		await assertPublishedOnce(sent);
	});

	it('when it dies several times, at any moment', async () => {
		const sent = await sendAiff();
		for (let times = 0; times < 4; times++) {
			await worker.started;
			await sleep(Math.random() * 1_500);
			await worker.restart();
		}
		await assertPublishedOnce(sent);
	});

	it('when it is a part of a draft: prepared, and parked until it is published', async () => {
		const { ctx } = site;
		const viewer = killable.alice;
		const releaseId = await createRelease(ctx, viewer);
		const bytes = await makeSample('aiff', { seconds: 2, hertz: anyPitch() });
		const objectsBefore = await listObjects(ctx);
		const release = await holdAt('transcoded');
		const [id = ''] = await dropFiles(ctx, alice, releaseId, [{ fileName: 'a.aiff', bytes }]);
		await waitForHeld(database);
		await worker.restart();
		await release();
		const parked = await waitForUpload(ctx, id, undefined, RECOVERY_LIMIT_MS);
		assert.deepEqual([parked.status, parked.error_code], ['waiting', 'draft'], parked.message);
		assert.deepEqual(await listObjects(ctx), objectsBefore);
		await changeRelease(ctx, viewer, releaseId, { rights_confirmed: true });
		await publishRelease(ctx, viewer, releaseId);
		await waitForUpload(ctx, id, (row) => row.status === 'completed', RECOVERY_LIMIT_MS);
		await assertPublishedOnce({ bytes, id, objectsBefore });
	});

	it('when it is asked to stop in the middle, by handing it back at once', async () => {
		const sent = await sendAiff();
		await waitForUpload(site.ctx, sent.id, (row) => row.status === 'processing');
		assert.equal(await worker.stop(), 0);
		const [job] = await database.sql`
			select state from pgboss.job where singleton_key = ${sent.id} and state < 'completed'`;
		assert.equal(job?.['state'], 'created', 'another worker can begin at once');
		worker.start();
		await assertPublishedOnce(sent);
	});
});

/** Resolves the moment an upload is announced to have finished a stage. */
async function newsOf(site: PublishingSite, id: string, stage: UploadStage): Promise<string> {
	return await new Promise((resolve) => {
		const stop = site.ctx.hub.subscribe({ id }, () => {
			void waitForUpload(site.ctx, id, () => true).then((row) => {
				if (row.stage !== stage && row.status !== 'completed') return;
				stop();
				resolve(row.stage);
			});
		});
	});
}
