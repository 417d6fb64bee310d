import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import {
	bucketEnvironment,
	describeWithS3,
	startTestBucket,
	type TestBucket
} from '#lib/server/storage/contract/bucket.ts';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import { getStreamedFile, getTrack } from '#lib/server/tracks/tracks.ts';
import {
	hashOf,
	listObjects,
	type PublishingSite,
	startPublishingSite,
	waitForEmptyStaging,
	waitForUpload
} from './publishing-site.ts';

describeWithS3('with s3 as the storage', () => {
	let bucket: TestBucket;
	let site: PublishingSite;
	let alice: string;
	before(async () => {
		bucket = await startTestBucket();
		site = await startPublishingSite({
			...bucketEnvironment(bucket)
		});
		alice = await site.signIn('alice');
	});
	after(async () => {
		await site.close();
		await bucket.stop();
	});

	for (const format of ['m4a', 'aiff'] as const) {
		it(`${format} is published, and a browser fetches it from the bucket`, async () => {
			const tags = { title: 'a song', genre: 'Ambient' };
			const bytes = await makeSample(format, { seconds: 3, tags });
			const id = await site.send(alice, { bytes, fileName: `song.${format}` });
			const upload = await waitForUpload(site.ctx, id);
			assert.equal(upload.status, 'completed', upload.error ?? upload.message);
			const track = await getTrack(site.ctx, null, upload.track_id ?? 0);
			assert.equal(track.title, 'a song');
			if (format === 'm4a') assert.deepEqual(upload.findings.tags?.genres, ['ambient']);
			const file = await getStreamedFile(site.ctx, track.fileId);
			const address = await site.ctx.storage.browserUrl(file.storage_key);
			const response = await fetch(address ?? '', { headers: { range: 'bytes=0-' } });
			assert.equal(response.status, 206);
			assert.equal(response.headers.get('content-type'), file.content_type);
			const fetched = Buffer.from(await response.arrayBuffer());
			assert.equal(hashOf(fetched).sha256, file.sha256);
			await waitForEmptyStaging(site.ctx);
		});
	}

	it('stores exactly the streamed files and the original that is not streamed', async () => {
		const files = await site.ctx.db.selectFrom('audio_files').select('storage_key').execute();
		assert.equal(files.length, 3);
		assert.deepEqual(await listObjects(site.ctx), files.map((file) => file.storage_key).sort());
	});
});
