import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import { countInterruption, giveUp } from '#lib/server/uploads/job-outcomes.ts';
import { resumeWaitingUploads } from '#lib/server/uploads/resume.ts';
import { startNetwork } from '../../dev/network/start-network.ts';
import { signInAs } from './local-people.ts';
import {
	anyPitch,
	listObjects,
	listTrackRecords,
	type PublishingSite,
	startPublishingSite,
	waitForEmptyStaging,
	waitForUpload
} from './publishing-site.ts';

const song = () => makeSample('mp3', { seconds: 1, hertz: anyPitch() });

describe('an upload that meets trouble on its way', () => {
	let site: PublishingSite;
	let alice: string;
	before(async () => {
		site = await startPublishingSite();
		alice = await site.signIn('alice');
	});
	after(() => site.close());

	const records = () => listTrackRecords(site.network.pdsUrl, alice);
	const send = async (bytes: Buffer, fileName = 'song.mp3') =>
		await site.send(alice, { bytes, fileName, fields: { title: 'a song' } });

	it('is refused when the artist has published it before, and the published one is untouched', async () => {
		const bytes = await song();
		const first = await waitForUpload(site.ctx, await send(bytes));
		assert.equal(first.status, 'completed');
		const objects = await listObjects(site.ctx);
		// as when both had passed the door before either was published
		const { id } = await site.ctx.db
			.insertInto('uploads')
			.values({
				id: crypto.randomUUID(),
				artist_did: alice,
				rkey: '3zzzzzzzzzzzz',
				status: 'pending',
				stage: 'received',
				message: 'upload queued for processing',
				file_name: 'again.mp3',
				fields: '{}',
				findings: '{}',
				size_bytes: bytes.length,
				sha256: first.sha256
			})
			.returning('id')
			.executeTakeFirstOrThrow();
		await site.ctx.storage.staging.append(id, 0, bytes);
		await site.ctx.jobs.enqueueUpload(site.ctx.db, id);
		const second = await waitForUpload(site.ctx, id);
		assert.equal(second.status, 'failed');
		assert.equal(second.error_code, 'duplicate_upload');
		assert.equal(second.error, `duplicate upload: track already exists (id: ${first.track_id})`);
		assert.deepEqual(await listObjects(site.ctx), objects);
		await waitForEmptyStaging(site.ctx);
		assert.equal((await records()).length, 1);
	});

	it('is published once when the same file was sent twice at the same moment', async () => {
		const bytes = await song();
		const before = (await records()).length;
		const ids = await Promise.all([send(bytes, 'one.mp3'), send(bytes, 'two.mp3')]);
		const uploads = await Promise.all(ids.map((id) => waitForUpload(site.ctx, id)));
		const failed = uploads.filter((upload) => upload.status === 'failed');
		assert.deepEqual(uploads.map((upload) => upload.status).sort(), ['completed', 'failed']);
		assert.equal(failed[0]?.error_code, 'duplicate_upload');
		assert.equal((await records()).length, before + 1);
	});

	it('waits for a sign-in when the grant is gone, and goes on when there is one', async () => {
		await site.ctx.oauth.revoke(alice);
		const id = await send(await song());
		const parked = await waitForUpload(site.ctx, id);
		assert.equal(parked.status, 'waiting');
		assert.equal(parked.error_code, 'sign_in_again');
		assert.match(parked.message, /^sign in to finish/);
		assert.equal(parked.stage, 'stored', 'what could be done is done');
		await signInAs(site.ctx.oauth, 'alice');
		await resumeWaitingUploads(site.ctx, alice);
		const finished = await waitForUpload(
			site.ctx,
			id,
			(row) => row.status !== 'waiting' && row.completed_at !== null
		);
		assert.equal(finished.status, 'completed', finished.error ?? '');
		assert.equal(finished.error_code, null);
	});

	it('goes on by itself when the sign-in came while it was being parked', async () => {
		await site.ctx.oauth.revoke(alice);
		const id = await send(await song());
		await waitForUpload(site.ctx, id, (row) => row.status === 'waiting');
		await signInAs(site.ctx.oauth, 'alice');
		const finished = await waitForUpload(site.ctx, id, (row) => row.status === 'completed');
		assert.notEqual(finished.track_id, null);
	});

	it('says so and is tried again while the PDS is away', async () => {
		const networkDir = path.join(path.dirname(site.dataDir), 'network');
		await site.network.stop();
		const id = await send(await song());
		const waiting = await waitForUpload(site.ctx, id, (row) => row.error_code !== null);
		assert.equal(waiting.status, 'pending');
		assert.equal(waiting.error_code, 'pds_unavailable');
		assert.match(
			waiting.message,
			/does not answer\. your upload is kept and tried again by itself$/
		);
		await sleep(1_000);
		site.network = await startNetwork({ dir: networkDir });
		const finished = await waitForUpload(site.ctx, id, (row) => row.status === 'completed', 60_000);
		assert.equal(finished.error_code, null);
		assert.equal((await records()).filter(({ uri }) => uri.endsWith(finished.rkey)).length, 1);
	});

	it('takes over the record an earlier attempt has written, and does not write it again', async () => {
		const bytes = await song();
		const id = await send(bytes);
		const first = await waitForUpload(site.ctx, id);
		const [record] = (await records()).filter(({ uri }) => uri.endsWith(first.rkey));
		await site.ctx.db.deleteFrom('tracks').where('rkey', '=', first.rkey).execute();
		await site.ctx.db
			.updateTable('uploads')
			.set({ status: 'pending', stage: 'stored' })
			.where('id', '=', id)
			.execute();
		await site.ctx.db
			.updateTable('artists')
			.set({ display_name: 'alice with a new name' })
			.where('did', '=', alice)
			.execute();
		await site.ctx.jobs.enqueueUpload(site.ctx.db, id);
		const again = await waitForUpload(site.ctx, id, (row) => row.status === 'completed');
		const [same] = (await records()).filter(({ uri }) => uri.endsWith(first.rkey));
		assert.deepEqual(same, record);
		assert.equal(again.findings.recordCid, record?.cid);
	});

	it('is put aside with a word when it was tried for too long, or kills whoever works on it', async () => {
		const { ctx } = site;
		await ctx.oauth.revoke(alice);
		const id = await send(await song());
		await waitForUpload(ctx, id, (row) => row.status === 'waiting');
		const set = (values: { status: 'processing'; findings?: string }) =>
			ctx.db.updateTable('uploads').set(values).where('id', '=', id).execute();

		await set({ status: 'processing' });
		await giveUp(ctx, id);
		const tired = await waitForUpload(ctx, id);
		assert.deepEqual([tired.status, tired.error_code], ['failed', 'gave_up']);
		assert.match(tired.error ?? '', /tried for a day/);

		await set({ status: 'processing', findings: JSON.stringify({ interruptions: 18 }) });
		// somebody else goes on with it in this very moment, and what they find stays
		const counting = await ctx.db.transaction().execute(async (trx) => {
			const findings = JSON.stringify({ interruptions: 18, format: 'mp3' });
			await trx.updateTable('uploads').set({ findings }).where('id', '=', id).execute();
			const count = countInterruption(ctx, id);
			// it has read what was there before, and waits for this row
			await sleep(300);
			return { count };
		});
		assert.equal(await counting.count, 19);
		const { findings } = await waitForUpload(ctx, id, () => true);
		assert.deepEqual(findings, { interruptions: 19, format: 'mp3' });
		assert.equal((await waitForUpload(ctx, id, () => true)).status, 'processing');
		assert.equal(await countInterruption(ctx, id), 20);
		assert.match((await waitForUpload(ctx, id)).error ?? '', /stopped 20 times/);
		await signInAs(ctx.oauth, 'alice');
	});

	it('is worked on once, however long it takes and however often that is asked for', async () => {
		const { transcoder, jobs, db } = site.ctx;
		const analyse = transcoder.analyse.bind(transcoder);
		transcoder.analyse = async (file, signal) => {
			await sleep(8_000, undefined, { signal });
			return await analyse(file, signal);
		};
		const id = await send(await song());
		for (let times = 0; times < 3; times++) await jobs.enqueueUpload(db, id);
		const finished = await waitForUpload(site.ctx, id);
		transcoder.analyse = analyse;
		assert.equal(finished.status, 'completed');
		await sleep(3_000);
		const events = site.logged
			.filter((line) => line['uploadId'] === id)
			.map((line) => line['event']);
		assert.equal(events.filter((event) => event === 'upload_stage_finished').length, 5);
		assert.ok(!events.includes('upload_of_dead_worker_freed'));
		assert.ok(!events.includes('upload_tried_again_later'));
	});

	it('is tried again when something went wrong that nobody foresaw', async () => {
		const { storage } = site.ctx;
		const publish = storage.staging.publish.bind(storage.staging);
		let failures = 0;
		storage.staging.publish = () => {
			failures++;
			return Promise.reject(new Error('a cosmic ray'));
		};
		const id = await send(await song());
		const waiting = await waitForUpload(site.ctx, id, (row) => row.error_code !== null);
		assert.equal(waiting.error_code, 'internal_error');
		assert.doesNotMatch(waiting.message, /cosmic/);
		storage.staging.publish = publish;
		await waitForUpload(site.ctx, id, (row) => row.status === 'completed');
		assert.ok(failures > 0);
	});
});
