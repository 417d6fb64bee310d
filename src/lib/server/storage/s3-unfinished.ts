import {
	AbortMultipartUploadCommand,
	ListMultipartUploadsCommand,
	type ListMultipartUploadsCommandOutput
} from '@aws-sdk/client-s3';
import type { S3Bucket } from './s3-bucket.ts';

/**
 * Aborts the multipart uploads that were begun before a moment: whoever began them was killed.
 * @returns how many there were
 */
export async function abortUnfinished(bucket: S3Bucket, before: Date): Promise<number> {
	let aborted = 0;
	for await (const { Key, UploadId, begun } of unfinishedUploads(bucket)) {
		if (begun >= before) continue;
		const command = new AbortMultipartUploadCommand({ Bucket: bucket.name, Key, UploadId });
		await bucket.call((options) => bucket.client.send(command, options));
		aborted += 1;
	}
	return aborted;
}

interface UnfinishedUpload {
	Key: string;
	UploadId: string;
	begun: Date;
}

async function* unfinishedUploads(bucket: S3Bucket): AsyncGenerator<UnfinishedUpload, void> {
	let page: ListMultipartUploadsCommandOutput | undefined;
	do {
		const command = new ListMultipartUploadsCommand({
			Bucket: bucket.name,
			KeyMarker: page?.NextKeyMarker,
			UploadIdMarker: page?.NextUploadIdMarker
		});
		page = await bucket.call((options) => bucket.client.send(command, options));
		for (const { Key, UploadId, Initiated: begun } of page.Uploads ?? []) {
			if (Key && UploadId && begun) yield { Key, UploadId, begun };
		}
	} while (page.IsTruncated === true);
}
