import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import {
	anyPitch,
	listTrackRecords,
	type PublishingSite,
	startPublishingSite,
	waitForUpload
} from './publishing-site.ts';

describe('the same file, sent twice', () => {
	let site: PublishingSite;
	let alice: string;
	before(async () => {
		site = await startPublishingSite();
		alice = await site.signIn('alice');
	});
	after(() => site.close());

	const records = () => listTrackRecords(site.network.pdsUrl, alice);
	const publish = async () => {
		const bytes = await makeSample('mp3', { seconds: 1, hertz: anyPitch() });
		const id = await site.send(alice, { bytes, fileName: 'song.mp3', fields: { title: 'a song' } });
		const upload = await waitForUpload(site.ctx, id);
		assert.equal(upload.status, 'completed', upload.error ?? '');
		return upload;
	};
	/** As when the upload's worker died right after its record was written. */
	const backToStored = async (id: string) => {
		const { db } = site.ctx;
		await db
			.updateTable('uploads')
			.set({ status: 'pending', stage: 'stored', track_id: null, completed_at: null })
			.where('id', '=', id)
			.execute();
	};
	/** As when the other upload of the same bytes was indexed first. */
	const giveTrackTo = async (rkey: string, otherRkey: string) => {
		const uri = `at://${alice}/fm.plyr.dev.track/${otherRkey}`;
		await site.ctx.db
			.updateTable('tracks')
			.set({ rkey: otherRkey, record_uri: uri })
			.where('rkey', '=', rkey)
			.execute();
	};

	it('leaves one record when the other upload was indexed while this one had died', async () => {
		const upload = await publish();
		assert.ok((await records()).some(({ uri }) => uri.endsWith(upload.rkey)));
		await backToStored(upload.id);
		await giveTrackTo(upload.rkey, '3aaaaaaaaaaaa');
		await site.ctx.jobs.enqueueUpload(site.ctx.db, upload.id);
		const refused = await waitForUpload(site.ctx, upload.id);
		assert.equal(refused.error_code, 'duplicate_upload');
		assert.deepEqual(
			(await records()).filter(({ uri }) => uri.endsWith(upload.rkey)),
			[]
		);
	});

	it('leaves alone what is there of another file', async () => {
		const upload = await publish();
		await backToStored(upload.id);
		await giveTrackTo(upload.rkey, '3bbbbbbbbbbbb');
		const findings = { ...upload.findings, streamFileId: '0123456789abcdef' };
		await site.ctx.db
			.updateTable('uploads')
			.set({ findings: JSON.stringify(findings) })
			.where('id', '=', upload.id)
			.execute();
		await site.ctx.jobs.enqueueUpload(site.ctx.db, upload.id);
		const refused = await waitForUpload(site.ctx, upload.id);
		assert.equal(refused.error_code, 'duplicate_upload');
		assert.ok((await records()).some(({ uri }) => uri.endsWith(upload.rkey)));
	});

	it('leaves the record that is a track by now', async () => {
		const other = await publish();
		const upload = await publish();
		await backToStored(upload.id);
		// its file turns out to be that of the other track, and its record has been indexed meanwhile
		await site.ctx.db
			.updateTable('uploads')
			.set({ sha256: other.sha256 })
			.where('id', '=', upload.id)
			.execute();
		await site.ctx.jobs.enqueueUpload(site.ctx.db, upload.id);
		const refused = await waitForUpload(site.ctx, upload.id);
		assert.equal(refused.error_code, 'duplicate_upload');
		assert.ok((await records()).some(({ uri }) => uri.endsWith(upload.rkey)));
	});

	it('is refused as before when this one has written no record', async () => {
		const upload = await publish();
		await backToStored(upload.id);
		await site.ctx.db
			.updateTable('uploads')
			.set({ rkey: '3zzzzzzzzzzzz' })
			.where('id', '=', upload.id)
			.execute();
		const before = await records();
		await site.ctx.jobs.enqueueUpload(site.ctx.db, upload.id);
		const refused = await waitForUpload(site.ctx, upload.id);
		assert.equal(refused.error_code, 'duplicate_upload');
		assert.deepEqual(await records(), before);
	});
});
