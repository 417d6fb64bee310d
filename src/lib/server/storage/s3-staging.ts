import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { AppendInterrupted, OffsetMismatch, StagedUploadNotFound } from './errors.ts';
import { KeyedLock } from './keyed-lock.ts';
import { assertKey, assertStagingId, STAGING_FOLDER } from './keys.ts';
import { onS3, type S3Bucket } from './s3-bucket.ts';
import { listObjects } from './s3-list.ts';
import { publishSegments } from './s3-publish.ts';
import { SegmentTaken, SegmentWriter } from './s3-segment-writer.ts';
import {
	begunKey,
	joinSegments,
	parseStagingKey,
	stagingPrefix,
	type Segment
} from './s3-segments.ts';
import { findStagedBytes, readStagedBytes } from './s3-staged-bytes.ts';
import { chunksOf, SourceBroken, streamOf } from './source.ts';
import type { ByteSource, StagedUpload, Staging, StoredBytes } from './storage.ts';

const DELETES_AT_ONCE = 8;

/**
 * S3 has no append: an upload is a sequence of objects `staging/{id}/{offset}`, up to 8 MiB each.
 * What the bucket lists is the truth; the upload ends at the first gap.
 */
export class S3Staging implements Staging {
	readonly #bucket: S3Bucket;
	readonly #lock = new KeyedLock();

	constructor(bucket: S3Bucket) {
		this.#bucket = bucket;
	}

	async append(
		id: string,
		offsetBytes: number,
		source: ByteSource,
		options: { signal?: AbortSignal } = {}
	): Promise<number> {
		assertStagingId(id);
		const chunks = chunksOf(source, options.signal);
		const work = () => onS3(() => this.#append(id, offsetBytes, chunks));
		try {
			return await this.#lock.run(id, work, options.signal);
		} catch (cause) {
			if (!(cause instanceof SourceBroken)) throw cause;
			throw new AppendInterrupted(id, (await this.size(id)) ?? 0, { cause: cause.cause });
		}
	}

	async #append(
		id: string,
		offsetBytes: number,
		chunks: AsyncIterable<Uint8Array>
	): Promise<number> {
		const held = await findStagedBytes(this.#bucket, id);
		if ((held?.sizeBytes ?? 0) !== offsetBytes) {
			throw new OffsetMismatch(id, held?.sizeBytes ?? 0);
		}
		const writer = new SegmentWriter(this.#bucket, id, offsetBytes);
		try {
			const broken = await writeAll(writer, chunks);
			const endBytes = await writer.finish();
			if (!held && endBytes === 0) await this.#begin(id);
			if (broken) throw new AppendInterrupted(id, endBytes, { cause: broken.cause });
			return endBytes;
		} catch (cause) {
			if (!(cause instanceof SegmentTaken)) throw cause;
			throw new OffsetMismatch(id, (await findStagedBytes(this.#bucket, id))?.sizeBytes ?? 0, {
				cause
			});
		}
	}

	async #begin(id: string): Promise<void> {
		const marker = { Bucket: this.#bucket.name, Key: begunKey(id), Body: '', ContentLength: 0 };
		await this.#bucket.call((options) =>
			this.#bucket.client.send(new PutObjectCommand(marker), options)
		);
	}

	/** A service of this kind keeps what it has confirmed. */
	async persist(id: string): Promise<void> {
		if ((await this.size(id)) === null) throw new StagedUploadNotFound(id);
	}

	async size(id: string): Promise<number | null> {
		assertStagingId(id);
		const held = await onS3(() => findStagedBytes(this.#bucket, id));
		return held?.sizeBytes ?? null;
	}

	async read(
		id: string,
		options: { start?: number; signal?: AbortSignal } = {}
	): Promise<ReadableStream<Uint8Array>> {
		assertStagingId(id);
		const { start = 0, signal } = options;
		const held = await onS3(() => findStagedBytes(this.#bucket, id), signal);
		if (!held) throw new StagedUploadNotFound(id);
		if (start > held.sizeBytes) throw new OffsetMismatch(id, held.sizeBytes);
		return streamOf(readStagedBytes(this.#bucket, held, start, signal));
	}

	async publish(
		id: string,
		key: string,
		options: StoredBytes & { contentType: string; signal?: AbortSignal }
	): Promise<void> {
		assertStagingId(id);
		assertKey(key);
		const { signal } = options;
		const work = () => publishSegments(this.#bucket, { ...options, id, key });
		await onS3(() => this.#lock.run(id, work, signal), signal);
	}

	async discard(id: string): Promise<void> {
		assertStagingId(id);
		await onS3(async () => {
			const keys: string[] = [];
			for await (const { key } of listObjects(this.#bucket, stagingPrefix(id))) keys.push(key);
			while (keys.length > 0) {
				// one by one: not every S3 understands how the client signs a bulk delete
				await Promise.all(keys.splice(0, DELETES_AT_ONCE).map((key) => this.#delete(key)));
			}
		});
	}

	async *list(): AsyncGenerator<StagedUpload, void> {
		let current: { id: string; segments: Segment[]; lastModified: Date } | undefined;
		// sorted by key, so that everything of one upload comes in one run
		for await (const object of listObjects(this.#bucket, `${STAGING_FOLDER}/`)) {
			const { id, segment } = parseStagingKey(object.key, object.sizeBytes);
			if (current?.id !== id) {
				if (current) yield summary(current);
				current = { id, segments: [], lastModified: object.lastModified };
			}
			if (segment) current.segments.push(segment);
			if (object.lastModified > current.lastModified) current.lastModified = object.lastModified;
		}
		if (current) yield summary(current);
	}

	async #delete(key: string): Promise<void> {
		const command = new DeleteObjectCommand({ Bucket: this.#bucket.name, Key: key });
		await this.#bucket.call((options) => this.#bucket.client.send(command, options));
	}
}

function summary(upload: { id: string; segments: Segment[]; lastModified: Date }): StagedUpload {
	const { id, segments, lastModified } = upload;
	return { id, sizeBytes: joinSegments(segments).sizeBytes, lastModified };
}

/** Writes until the source ends or breaks, and answers how it broke. */
async function writeAll(
	writer: SegmentWriter,
	chunks: AsyncIterable<Uint8Array>
): Promise<SourceBroken | undefined> {
	try {
		for await (const chunk of chunks) await writer.write(chunk);
	} catch (cause) {
		if (cause instanceof SourceBroken) return cause;
		throw cause;
	}
}
