import {
	DeleteObjectCommand,
	GetObjectCommand,
	HeadObjectCommand,
	ListObjectsV2Command
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { ObjectNotFound, ObjectTooShort, StorageUnavailable } from './errors.ts';
import { assertKey, assertPrefix, STAGING_FOLDER } from './keys.ts';
import { openBody } from './s3-body.ts';
import { isMissing, onS3, S3Bucket, statusOf, type S3Config } from './s3-bucket.ts';
import { listObjects } from './s3-list.ts';
import { S3Staging } from './s3-staging.ts';
import { abortUnfinished } from './s3-unfinished.ts';
import { uploadObject } from './s3-upload.ts';
import { chunksOf, streamOf, Tally } from './source.ts';
import type {
	ByteSource,
	ListedObject,
	ObjectFacts,
	ReadOptions,
	Storage,
	StoredBytes
} from './storage.ts';

const CHECK_LIMIT_MS = 5_000;
/** Begun within it, a download may take as long as it takes. */
const DOWNLOAD_SECONDS = 300;

/** Opens a bucket as a store, on R2 or any other S3. Nothing is contacted yet. */
export function openS3Storage(config: S3Config): Storage {
	return new S3Storage(config);
}

class S3Storage implements Storage {
	readonly backend = 's3';
	readonly staging: S3Staging;
	readonly #bucket: S3Bucket;
	readonly #config: S3Config;

	constructor(config: S3Config) {
		this.#config = config;
		this.#bucket = new S3Bucket(config);
		this.staging = new S3Staging(this.#bucket);
	}

	async put(
		key: string,
		source: ByteSource,
		options: { contentType: string; signal?: AbortSignal }
	): Promise<StoredBytes> {
		assertKey(key);
		const tally = new Tally();
		const chunks = counted(chunksOf(source, options.signal), tally);
		const object = { Key: key, ContentType: options.contentType };
		await onS3(() => uploadObject(this.#bucket, object, chunks));
		return tally.result();
	}

	async head(key: string): Promise<ObjectFacts | null> {
		assertKey(key);
		const command = new HeadObjectCommand({ Bucket: this.#bucket.name, Key: key });
		return await onS3(async () => {
			try {
				const facts = await this.#bucket.call((o) => this.#bucket.client.send(command, o));
				return {
					key,
					sizeBytes: facts.ContentLength ?? 0,
					contentType: facts.ContentType ?? null,
					lastModified: facts.LastModified ?? new Date(0)
				};
			} catch (cause) {
				if (isMissing(cause)) return null;
				throw cause;
			}
		});
	}

	async read(key: string, options: ReadOptions = {}): Promise<ReadableStream<Uint8Array>> {
		assertKey(key);
		return await onS3(async () => {
			try {
				const { sizeBytes, stream } = await openBody(this.#bucket, key, options);
				const { start = 0, end } = options;
				if (end === undefined || sizeBytes === end - start + 1) return stream;
				await stream.cancel();
				throw new ObjectTooShort(key);
			} catch (cause) {
				if (isMissing(cause)) throw new ObjectNotFound(key, { cause });
				if (statusOf(cause) !== 416) throw cause;
				return await this.#readNothing(key, options);
			}
		}, options.signal);
	}

	/** A read that begins where the object ends has no bytes; HTTP knows no such range. */
	async #readNothing(
		key: string,
		{ start, end }: ReadOptions
	): Promise<ReadableStream<Uint8Array>> {
		const facts = await this.head(key);
		if (facts?.sizeBytes !== start || end !== undefined) throw new ObjectTooShort(key);
		return streamOf(chunksOf(new Uint8Array(0)));
	}

	async delete(key: string): Promise<void> {
		assertKey(key);
		const command = new DeleteObjectCommand({ Bucket: this.#bucket.name, Key: key });
		await onS3(() => this.#bucket.call((o) => this.#bucket.client.send(command, o)));
	}

	async *list(prefix: string): AsyncGenerator<ListedObject, void> {
		assertPrefix(prefix);
		const objects = listObjects(this.#bucket, prefix);
		for (;;) {
			const step = await onS3(() => objects.next());
			if (step.done) return;
			if (!step.value.key.startsWith(`${STAGING_FOLDER}/`)) yield step.value;
		}
	}

	async browserUrl(key: string): Promise<string> {
		assertKey(key);
		const { publicBaseUrl, signedUrlSeconds, isPrivate } = this.#config;
		// the characters of a key need no escaping
		if (publicBaseUrl !== undefined) return `${publicBaseUrl.replace(/\/+$/, '')}/${key}`;
		// signed as of the last full half period: the address stays the same for that long
		const stepMs = Math.max(1, Math.floor(signedUrlSeconds / 2)) * 1000;
		const signingDate = new Date(Math.floor(Date.now() / stepMs) * stepMs);
		const command = new GetObjectCommand({
			Bucket: this.#bucket.name,
			Key: key,
			// what is stored says that everybody may keep it for ever; when it is given, the signature has so long at least
			...(isPrivate ? { ResponseCacheControl: `private, max-age=${stepMs / 1000}` } : {})
		});
		return await getSignedUrl(this.#bucket.client, command, {
			expiresIn: signedUrlSeconds,
			signingDate
		});
	}

	async downloadUrl(key: string, contentDisposition: string): Promise<string> {
		assertKey(key);
		const command = new GetObjectCommand({
			Bucket: this.#bucket.name,
			Key: key,
			ResponseContentDisposition: contentDisposition,
			ResponseCacheControl: 'private, no-store'
		});
		return await getSignedUrl(this.#bucket.client, command, { expiresIn: DOWNLOAD_SECONDS });
	}

	async check(): Promise<void> {
		const command = new ListObjectsV2Command({
			Bucket: this.#bucket.name,
			Prefix: `${STAGING_FOLDER}/`,
			MaxKeys: 1
		});
		try {
			await this.#bucket.call(
				(o) => this.#bucket.client.send(command, o),
				undefined,
				CHECK_LIMIT_MS
			);
		} catch (cause) {
			throw new StorageUnavailable('the storage does not answer at the moment', { cause });
		}
	}

	async removeUnfinished(before: Date): Promise<number> {
		return await onS3(() => abortUnfinished(this.#bucket, before));
	}

	close(): Promise<void> {
		this.#bucket.client.destroy();
		return Promise.resolve();
	}
}

async function* counted(
	chunks: AsyncIterable<Uint8Array>,
	tally: Tally
): AsyncGenerator<Uint8Array, void> {
	for await (const chunk of chunks) {
		tally.add(chunk);
		yield chunk;
	}
}
