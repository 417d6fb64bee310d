import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { ContentMismatch, ObjectExists, StagedUploadNotFound } from './errors.ts';
import { openBody } from './s3-body.ts';
import { isMissing, isTaken, type S3Bucket } from './s3-bucket.ts';
import { findStagedBytes, readStagedBytes } from './s3-staged-bytes.ts';
import { uploadObject } from './s3-upload.ts';
import { tallied, tallyOf } from './source.ts';
import type { StoredBytes } from './storage.ts';

export interface Publication extends StoredBytes {
	id: string;
	key: string;
	contentType: string;
	signal?: AbortSignal;
}

/**
 * Streams staged segments into one published object. The bytes are hashed on the way, and the last
 * part is held back until they proved to be the promised ones.
 * @throws ObjectExists, StagedUploadNotFound, ContentMismatch, and what the server says
 */
export async function publishSegments(bucket: S3Bucket, publication: Publication): Promise<void> {
	if (await isPublished(bucket, publication)) return;
	const { id, key, contentType, sizeBytes, sha256, signal } = publication;
	const staged = await findStagedBytes(bucket, id);
	if (!staged) throw new StagedUploadNotFound(id);
	if (staged.sizeBytes !== sizeBytes) {
		throw new ContentMismatch(id, `${staged.sizeBytes} bytes instead of ${sizeBytes}`);
	}
	try {
		await bucket.writeNew((condition) => {
			const object = { Key: key, ContentType: contentType, Metadata: { sha256 }, ...condition };
			const bytes = readStagedBytes(bucket, staged, 0, signal);
			return uploadObject(bucket, object, asPromised(bytes, publication));
		});
	} catch (cause) {
		if (!isTaken(cause)) throw cause;
		// somebody published the same key since we looked
		if (!(await isPublished(bucket, publication))) throw cause;
	}
}

/** True when the promised bytes are there already. */
async function isPublished(bucket: S3Bucket, publication: Publication): Promise<boolean> {
	const { key, sizeBytes, sha256, signal } = publication;
	try {
		const command = new HeadObjectCommand({ Bucket: bucket.name, Key: key });
		const existing = await bucket.call((o) => bucket.client.send(command, o), signal);
		if (existing.ContentLength !== sizeBytes) throw new ObjectExists(key);
		const known = existing.Metadata?.sha256;
		if ((known ?? (await hashOf(bucket, key, signal))) !== sha256) throw new ObjectExists(key);
		return true;
	} catch (cause) {
		if (isMissing(cause)) return false;
		throw cause;
	}
}

/** For objects that came into the bucket by another way than `publish`. */
async function hashOf(bucket: S3Bucket, key: string, signal?: AbortSignal): Promise<string> {
	const { stream } = await openBody(bucket, key, { signal });
	return (await tallyOf(stream)).sha256;
}

const asPromised = (
	chunks: AsyncIterable<Uint8Array>,
	{ id, sizeBytes, sha256 }: Publication
): AsyncGenerator<Uint8Array, void> =>
	tallied(chunks, (found) => {
		if (found.sizeBytes !== sizeBytes) {
			throw new ContentMismatch(id, `${found.sizeBytes} bytes instead of ${sizeBytes}`);
		}
		if (found.sha256 !== sha256) throw new ContentMismatch(id, 'its SHA-256 is another');
	});
