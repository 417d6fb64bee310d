import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startS3Server, whyNoS3Server } from '../../../../../dev/s3-server.ts';
import type { S3Config } from '../s3-bucket.ts';

/** An empty bucket on a server of its own. */
export interface TestBucket {
	name: string;
	/** asks the server directly, past the code under test */
	client: S3Client;
	config: S3Config;
	stop: () => Promise<void>;
}

export async function startTestBucket(): Promise<TestBucket> {
	const server = await startS3Server();
	const { endpoint, region, accessKeyId, secretAccessKey } = server;
	const credentials = { accessKeyId, secretAccessKey };
	const client = new S3Client({ endpoint, region, forcePathStyle: true, credentials });
	const name = 'plyr-test';
	await client.send(new CreateBucketCommand({ Bucket: name }));
	const address = { bucket: name, endpoint, region: 'auto', forcePathStyle: true };
	const signed = { signedUrlSeconds: 600, isPrivate: false };
	const config: S3Config = { backend: 's3', ...address, ...credentials, ...signed };
	const stop = async () => {
		client.destroy();
		await server.stop();
	};
	return { name, client, config, stop };
}

/** What an application gets in its environment to keep its files there. */
export const bucketEnvironment = ({ name, config }: TestBucket): Record<string, string> => ({
	STORAGE_BACKEND: 's3',
	S3_BUCKET: name,
	S3_ENDPOINT_URL: config.endpoint ?? '',
	S3_REGION: config.region,
	S3_FORCE_PATH_STYLE: 'true',
	AWS_ACCESS_KEY_ID: config.accessKeyId,
	AWS_SECRET_ACCESS_KEY: config.secretAccessKey
});

/**
 * A suite that needs a real S3 server. Without one it counts as one skipped test that says what to
 * install; where CI is set nothing may be left out, and it fails.
 */
export function describeWithS3(name: string, suite: () => void): void {
	const reason = whyNoS3Server();
	if (reason === null) describe(name, suite);
	else if (process.env.CI) it(name, () => assert.fail(reason));
	else it(name, { skip: reason });
}
