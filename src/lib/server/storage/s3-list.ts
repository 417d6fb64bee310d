import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { S3Bucket } from './s3-bucket.ts';
import type { ListedObject } from './storage.ts';

/** Every object whose key begins with the prefix, ordered by key, asked for a thousand at a time. */
export async function* listObjects(
	bucket: S3Bucket,
	prefix: string
): AsyncGenerator<ListedObject, void> {
	let next: string | undefined;
	do {
		const command = new ListObjectsV2Command({
			Bucket: bucket.name,
			Prefix: prefix,
			ContinuationToken: next
		});
		const page = await bucket.call((options) => bucket.client.send(command, options));
		for (const { Key: key, Size: sizeBytes, LastModified: lastModified } of page.Contents ?? []) {
			if (key === undefined || sizeBytes === undefined || lastModified === undefined) continue;
			yield { key, sizeBytes, lastModified };
		}
		next = page.NextContinuationToken;
	} while (next !== undefined);
}
