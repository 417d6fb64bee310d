import { openBody } from './s3-body.ts';
import type { S3Bucket } from './s3-bucket.ts';
import { listObjects } from './s3-list.ts';
import {
	joinSegments,
	parseStagingKey,
	segmentKey,
	stagingPrefix,
	type Segment,
	type SegmentPart
} from './s3-segments.ts';

/** The readable bytes of one staged upload. */
export interface StagedBytes {
	id: string;
	parts: SegmentPart[];
	sizeBytes: number;
}

/** Looks up what the bucket holds of an upload; null when it holds nothing. */
export async function findStagedBytes(bucket: S3Bucket, id: string): Promise<StagedBytes | null> {
	let exists = false;
	const segments: Segment[] = [];
	for await (const object of listObjects(bucket, stagingPrefix(id))) {
		exists = true;
		const { segment } = parseStagingKey(object.key, object.sizeBytes);
		if (segment) segments.push(segment);
	}
	return exists ? { id, ...joinSegments(segments) } : null;
}

/** Reads an upload from `start` to its end, one segment after the other. */
export async function* readStagedBytes(
	bucket: S3Bucket,
	staged: StagedBytes,
	start: number,
	signal?: AbortSignal
): AsyncGenerator<Uint8Array, void> {
	for (const { segment, start: firstNew } of staged.parts) {
		if (segment.offsetBytes + segment.sizeBytes <= start) continue;
		const from = Math.max(firstNew, start - segment.offsetBytes);
		const key = segmentKey(staged.id, segment.offsetBytes);
		yield* (await openBody(bucket, key, { start: from, signal })).stream;
	}
}
