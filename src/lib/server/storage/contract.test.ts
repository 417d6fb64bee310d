import { CreateBucketCommand, ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, describe } from 'node:test';
import type { StorageConfig } from '#lib/server/config.ts';
import { startS3Server, whyNoS3Server, type S3Server } from '../../../../dev/s3-server.ts';
import { objectsContract } from './contract/objects.ts';
import { stagingContract } from './contract/staging.ts';
import type { Subject } from './contract/subject.ts';
import { createStorage } from './create-storage.ts';

describe('a folder as the store', () => {
	let dir: string;
	let subject: Subject;
	before(async () => {
		dir = await mkdtemp(join(tmpdir(), 'plyr-storage-'));
		const config: StorageConfig = { backend: 'filesystem', dir };
		const [storage, other] = await Promise.all([createStorage(config), createStorage(config)]);
		const unfinished = async () => {
			const paths = await readdir(dir, { recursive: true });
			return paths.filter((path) => basename(path).startsWith('.'));
		};
		subject = { config, storage, other, unfinished };
	});
	after(() => rm(dir, { recursive: true, force: true }));
	objectsContract(() => subject);
	stagingContract(() => subject);
});

// where tests must not be left out a missing server is a failure, said by startS3Server
const skip = process.env.CI ? false : (whyNoS3Server() ?? false);

describe('a bucket as the store', { skip }, () => {
	let server: S3Server;
	let subject: Subject;
	before(async () => {
		server = await startS3Server();
		const { endpoint, region, accessKeyId, secretAccessKey } = server;
		const credentials = { accessKeyId, secretAccessKey };
		const client = new S3Client({ endpoint, region, forcePathStyle: true, credentials });
		const Bucket = 'contract';
		await client.send(new CreateBucketCommand({ Bucket }));
		const config: StorageConfig = {
			backend: 's3',
			bucket: Bucket,
			endpoint,
			region: 'auto',
			...credentials,
			forcePathStyle: true,
			signedUrlSeconds: 600
		};
		const [storage, other] = await Promise.all([createStorage(config), createStorage(config)]);
		const unfinished = async () => {
			const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }));
			return Uploads.map(({ Key }) => String(Key));
		};
		assert.deepEqual(await unfinished(), []);
		subject = { config, storage, other, unfinished };
	});
	after(() => server.stop());
	objectsContract(() => subject);
	stagingContract(() => subject);
});
