import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { CreateBucketCommand, HeadObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { after, before, it } from 'node:test';
import { readConfig } from '#lib/server/config.ts';
import { createContext } from '#lib/server/context.ts';
import { createLogger } from '#lib/server/log.ts';
import {
	bucketEnvironment,
	describeWithS3,
	startTestBucket,
	type TestBucket
} from '#lib/server/storage/contract/bucket.ts';
import { getStreamedFile, getTrack } from '#lib/server/tracks/tracks.ts';
import { Interrupted } from '../../src/cli/command.ts';
import { copyKeys, emptyFolder, objectHashes, plyr, removeFolder } from './backup-steps.ts';
import {
	anyPitch,
	hashOf,
	sendFile,
	startPublishingSite,
	waitForUpload
} from './publishing-site.ts';
import { makeSample } from '#lib/server/testing/audio-samples.ts';

const quiet = createLogger('error', () => undefined);

describeWithS3('a backup in a bucket of a site whose storage is one', () => {
	let bucket: TestBucket;
	let env: Record<string, string>;
	let trackId: number;
	let large: string;
	let close = () => Promise.resolve();
	const folders: string[] = [];
	const makeBucket = (Bucket: string) => bucket.client.send(new CreateBucketCommand({ Bucket }));
	const empty = async (S3_BUCKET: string): Promise<Record<string, string>> => {
		const dir = await emptyFolder();
		folders.push(dir);
		await copyKeys(env['DATA_DIR'] ?? '', dir);
		await makeBucket(S3_BUCKET);
		return { ...env, DATA_DIR: dir, S3_BUCKET };
	};

	before(async () => {
		bucket = await startTestBucket();
		await makeBucket('backups');
		const site = await startPublishingSite(bucketEnvironment(bucket));
		env = site.env;
		const alice = await site.signIn('alice');
		trackId = (await site.publish(alice)).id;
		// more than one part of a multipart upload
		const bytes = await makeSample('wav', { seconds: 110, hertz: anyPitch() });
		assert.ok(bytes.byteLength > 18_000_000);
		const id = await site.send(alice, { bytes, fileName: 'long.wav' });
		assert.equal((await waitForUpload(site.ctx, id)).status, 'completed');
		large = hashOf(bytes).sha256;
		await site.ctx.dispose();
		const ctx = await createContext(readConfig({ ...env, ROLES: 'web' }), quiet);
		await sendFile(ctx, alice, { bytes: randomBytes(100_000), fileName: 'not yet.wav' });
		await ctx.dispose();
		close = async () => {
			await site.network.stop();
			await rm(path.dirname(site.dataDir), { recursive: true, force: true });
		};
	});
	after(async () => {
		await close();
		for (const dir of folders) await removeFolder(dir);
		await bucket.stop();
	});

	it('is made beside what is there, with the credentials of the storage or its own', async () => {
		const { code, said } = await plyr(env, ['backup', 's3://backups/plyr/nightly', '--verify']);
		assert.equal(code, 0, said);
		assert.match(said, /every byte as it was written/);
		const again = await plyr(
			{
				...env,
				BACKUP_S3_ENDPOINT_URL: env['S3_ENDPOINT_URL'] ?? '',
				BACKUP_AWS_ACCESS_KEY_ID: env['AWS_ACCESS_KEY_ID'] ?? '',
				BACKUP_AWS_SECRET_ACCESS_KEY: env['AWS_SECRET_ACCESS_KEY'] ?? ''
			},
			['backup', 's3://backups/plyr/nightly']
		);
		assert.match(again.said, /\. 0 of the objects \(0 bytes\) had not been copied before/);
		const { Contents: objects = [] } = await bucket.client.send(
			new ListObjectsV2Command({ Bucket: 'backups' })
		);
		assert.ok(objects.every(({ Key: key }) => key?.startsWith('plyr/nightly/')));
		assert.ok(objects.some(({ Key: key }) => key?.endsWith(`/${large}`)));
		const own = await plyr(env, ['backup', `s3://${bucket.name}/backups`]);
		assert.equal(own.code, 1);
		assert.match(own.said, /is the bucket it would be a copy of/);
		const wrong = { ...env, BACKUP_AWS_SECRET_ACCESS_KEY: 'wrong' };
		const refused = await plyr(wrong, ['backup', 's3://backups/plyr']);
		assert.equal(refused.code, 1);
		assert.match(refused.said, /SignatureDoesNotMatch/);
	});

	it('is put into another bucket, also when that is cut off', async () => {
		const target = await empty('restored');
		const controller = new AbortController();
		const cut = await plyr(target, ['restore', 's3://backups/plyr/nightly'], {
			signal: controller.signal,
			showProgress: (text) => {
				if (text.startsWith('objects: 2')) controller.abort(new Interrupted('SIGINT'));
			}
		});
		assert.equal(cut.code, 130, cut.said);
		const { code, said } = await plyr(target, ['restore', 's3://backups/plyr/nightly']);
		assert.equal(code, 0, said);
		const objects = await objectHashes(target);
		assert.deepEqual(objects, await objectHashes(env));
		assert.ok(Object.keys(objects).some((key) => key.startsWith('staged ')));
		const ctx = await createContext(readConfig({ ...target, ROLES: 'web' }), quiet);
		try {
			const { fileId } = await getTrack(ctx, null, trackId);
			const file = await getStreamedFile(ctx, fileId);
			const address = await ctx.storage.browserUrl(file.storage_key);
			const response = await fetch(address ?? '', { headers: { range: 'bytes=0-99' } });
			assert.equal(response.status, 206);
			assert.equal(response.headers.get('content-type'), file.content_type);
		} finally {
			await ctx.dispose();
		}
		const command = new HeadObjectCommand({
			Bucket: 'restored',
			Key: `audio/${large.slice(0, 16)}.wav`
		});
		assert.match((await bucket.client.send(command)).ContentType ?? '', /^audio\/wav/);
		const audited = await plyr({ ...target, ROLES: 'web' }, ['audit', '--deep', '--local']);
		assert.equal(audited.code, 0, audited.said);
	});

	it('moves a site from a bucket into a folder', async () => {
		const { STORAGE_BACKEND: _s3, ...rest } = await empty('unused');
		const { code, said } = await plyr(rest, ['restore', 's3://backups/plyr/nightly']);
		assert.equal(code, 0, said);
		assert.deepEqual(await objectHashes(rest), await objectHashes(env));
	});
});
