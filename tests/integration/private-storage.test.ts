import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { readConfig } from '#lib/server/config.ts';
import { examineStorage } from '#lib/server/doctor/storage.ts';
import {
	bucketEnvironment,
	describeWithS3,
	startTestBucket,
	type TestBucket
} from '#lib/server/storage/contract/bucket.ts';
import type { TrackResponse } from '#lib/server/tracks/track-response.ts';
import { PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import { type LocalSite, startLocalSite } from './local-site.ts';
import { becomeArtist, publishTrack } from './published-music.ts';
import { locationOf, type Visitor } from './visitor.ts';

describeWithS3('a storage that is private', () => {
	let bucket: TestBucket;
	let site: LocalSite;
	let alice: Visitor;
	let track: TrackResponse;
	before(async () => {
		bucket = await startTestBucket();
		const storage = { ...bucketEnvironment(bucket), STORAGE_PRIVATE: 'true' };
		site = await startLocalSite({ ...storage, S3_SIGNED_URL_SECONDS: '60' });
		alice = await becomeArtist(site.url, 'alice');
		const id = await publishTrack(alice, { title: 'a tone' }, 640);
		track = (await (await alice.open(`/api/tracks/${id}`)).json()) as TrackResponse;
	});
	after(async () => {
		await site.close();
		await bucket.stop();
	});

	it('gives what is asked for by addresses that end, and that no shared cache keeps', async () => {
		const picture = new URL(track.image_url ?? '').pathname;
		const addresses = [`/audio/${track.file_id}`, picture, `/og/track/${track.id}.jpg`];
		for (const address of addresses) {
			const answer = await fetch(site.url + address, { redirect: 'manual' });
			assert.equal(answer.status, 307, address);
			assert.equal(answer.headers.get('cache-control'), 'private, max-age=30', address);
			const signed = new URL(locationOf(answer));
			assert.equal(signed.searchParams.get('X-Amz-Expires'), '60');
			// the redirect is not kept for longer than its address is good for
			assert.ok(endOf(signed) - Date.now() > 30_000 - 1_000, address);
			const object = await fetch(signed);
			assert.equal(object.status, 200, address);
			assert.equal(object.headers.get('cache-control'), 'private, max-age=30', address);
			await object.arrayBuffer();
			const unsigned = await fetch(signed.origin + signed.pathname);
			assert.equal(unsigned.status, 403, address);
			await unsigned.arrayBuffer();
		}
		const download = await alice.open(`/track/${track.id}/download`);
		assert.match(download.headers.get('cache-control') ?? '', /^private/);
		const saved = await fetch(locationOf(download));
		assert.equal(saved.headers.get('cache-control'), 'private, no-store');
		await saved.arrayBuffer();
	});

	it('is looked at from outside by the doctor', async () => {
		const { storage } = readConfig({ ...bucketEnvironment(bucket), STORAGE_PRIVATE: 'true' });
		const faults = async () =>
			(await examineStorage(storage)).filter(({ state }) => state === 'fault');
		assert.deepEqual(await faults(), []);
		const statement = {
			...{ Effect: 'Allow', Principal: '*', Action: ['s3:GetObject'] },
			Resource: [`arn:aws:s3:::${bucket.name}/*`]
		};
		const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
		await bucket.client.send(new PutBucketPolicyCommand({ Bucket: bucket.name, Policy }));
		const [first] = await faults();
		assert.match(first?.says ?? '', /everybody can read the bucket plyr-test/);
		assert.match(first?.cure ?? '', /^take public reading away/);
	});
});

function endOf({ searchParams }: URL): number {
	const [, ...parts] =
		/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(searchParams.get('X-Amz-Date') ?? '') ?? [];
	const [year = 0, month = 0, day, hour, minute, second] = parts.map(Number);
	const signedAt = Date.UTC(year, month - 1, day, hour, minute, second);
	return signedAt + 1000 * Number(searchParams.get('X-Amz-Expires'));
}
