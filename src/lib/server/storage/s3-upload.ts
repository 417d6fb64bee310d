import { Upload } from '@aws-sdk/lib-storage';
import type { PutObjectCommandInput } from '@aws-sdk/client-s3';
import { Readable } from 'node:stream';
import type { S3Bucket } from './s3-bucket.ts';

/** Every part but the last has this size, which R2 asks for; S3 asks for at least 5 MiB. */
export const PART_BYTES = 8 * 1024 * 1024;
/** The library's default of reading far ahead has brought machines down: 2 × 8 MiB per upload. */
const PARTS_IN_FLIGHT = 2;

/** Published objects never change: their key is their content. */
const CACHE_CONTROL = 'public, max-age=31536000, immutable';

export type NewObject = Pick<PutObjectCommandInput, 'ContentType' | 'Metadata' | 'IfNoneMatch'> & {
	Key: string;
};

/**
 * Streams chunks into one object that is visible once all of them are there. When they break off
 * or the server fails, the multipart upload is aborted before this returns.
 * @throws what the chunks or the server threw
 */
export async function uploadObject(
	bucket: S3Bucket,
	object: NewObject,
	chunks: AsyncIterable<Uint8Array>
): Promise<void> {
	const body = Readable.from(chunks);
	try {
		const upload = new Upload({
			client: bucket.client,
			partSize: PART_BYTES,
			queueSize: PARTS_IN_FLIGHT,
			leavePartsOnError: false,
			params: {
				...object,
				Bucket: bucket.name,
				Body: body,
				CacheControl: CACHE_CONTROL,
				ContentDisposition: 'inline'
			}
		});
		// never upload.abort(): it returns at once and leaves the parts until the body moves again.
		// a body that ends with an error is the way to abort that waits for the clean-up
		await upload.done();
	} finally {
		body.destroy();
	}
}
