import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, describe } from 'node:test';
import type { StorageConfig } from '#lib/server/config.ts';
import { unseen } from '#lib/server/testing/unseen.ts';
import { describeWithS3, startTestBucket, type TestBucket } from './contract/bucket.ts';
import { objectsContract } from './contract/objects.ts';
import { publishingContract } from './contract/publishing.ts';
import { stagingContract } from './contract/staging.ts';
import type { Subject } from './contract/subject.ts';
import { createStorage } from './create-storage.ts';
import { observeStorage } from './observed-storage.ts';

describe('a folder as the store', () => {
	let dir: string;
	let subject: Subject;
	before(async () => {
		dir = await mkdtemp(join(tmpdir(), 'plyr-storage-'));
		const config: StorageConfig = { backend: 'filesystem', dir };
		// as the application has it: what is seen of it changes nothing
		const open = async () => observeStorage(await createStorage(config), unseen());
		const [storage, other] = await Promise.all([open(), open()]);
		const unfinished = async () => {
			const paths = await readdir(dir, { recursive: true });
			return paths.filter((path) => basename(path).startsWith('.'));
		};
		subject = { config, storage, other, unfinished };
	});
	after(() => rm(dir, { recursive: true, force: true }));
	objectsContract(() => subject);
	stagingContract(() => subject);
	publishingContract(() => subject);
});

describeWithS3('a bucket as the store', () => {
	let bucket: TestBucket;
	let subject: Subject;
	before(async () => {
		bucket = await startTestBucket();
		const { client, config, name } = bucket;
		const [storage, other] = await Promise.all([createStorage(config), createStorage(config)]);
		const unfinished = async () => {
			const command = new ListMultipartUploadsCommand({ Bucket: name });
			const { Uploads = [] } = await client.send(command);
			return Uploads.map(({ Key }) => String(Key));
		};
		subject = { config, storage, other, unfinished };
	});
	after(() => bucket.stop());
	objectsContract(() => subject);
	stagingContract(() => subject);
	publishingContract(() => subject);
});
