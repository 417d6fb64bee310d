import { S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { StorageConfig } from '#lib/server/config.ts';
import { DomainError } from '#lib/server/errors.ts';
import { StorageUnavailable } from './errors.ts';
import { SourceBroken } from './source.ts';

export type S3Config = Extract<StorageConfig, { backend: 's3' }>;

const CONNECT_LIMIT_MS = 5_000;
/** from the first byte sent to the headers of the answer; a part of 8 MiB fits at 140 KB/s */
const REQUEST_LIMIT_MS = 60_000;
/** one call with all its attempts */
const CALL_LIMIT_MS = 90_000;
const ATTEMPTS = 3;
const MAX_SOCKETS = 64;

/** One bucket, and how we talk to its server. */
export class S3Bucket {
	readonly client: S3Client;
	readonly name: string;
	/** false once the server has said that it knows no conditional writes */
	#hasConditions = true;

	constructor(config: S3Config) {
		this.client = connect(config);
		this.name = config.bucket;
	}

	/**
	 * Makes one call within a total time.
	 * @param send uses the given `abortSignal`
	 */
	async call<T>(
		send: (options: { abortSignal: AbortSignal }) => Promise<T>,
		signal?: AbortSignal,
		limitMs: number = CALL_LIMIT_MS
	): Promise<T> {
		const limit = AbortSignal.timeout(limitMs);
		return await send({ abortSignal: signal ? AbortSignal.any([limit, signal]) : limit });
	}

	/**
	 * Writes under a key that was free a moment ago. Most servers make sure that it still is and
	 * answer 412 otherwise; for those that know no conditions the moment remains.
	 */
	async writeNew(write: (condition: { IfNoneMatch?: '*' }) => Promise<unknown>): Promise<void> {
		if (this.#hasConditions) {
			try {
				await write({ IfNoneMatch: '*' });
				return;
			} catch (cause) {
				if (statusOf(cause) !== 501) throw cause;
				this.#hasConditions = false;
			}
		}
		await write({});
	}
}

function connect(config: S3Config): S3Client {
	return new S3Client({
		region: config.region,
		endpoint: config.endpoint,
		forcePathStyle: config.forcePathStyle,
		credentials: {
			accessKeyId: config.accessKeyId,
			secretAccessKey: config.secretAccessKey
		},
		maxAttempts: ATTEMPTS,
		// R2 and older servers refuse the checksum trailers the client otherwise adds to every upload
		requestChecksumCalculation: 'WHEN_REQUIRED',
		responseChecksumValidation: 'WHEN_REQUIRED',
		// waiting for "100 continue" would open a new connection for every part
		expectContinueHeader: false,
		requestHandler: {
			connectionTimeout: CONNECT_LIMIT_MS,
			requestTimeout: REQUEST_LIMIT_MS,
			throwOnRequestTimeout: true,
			// our readers may pause for as long as they like; s3-body.ts limits waits for the server
			socketTimeout: 0,
			httpAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
			httpsAgent: { keepAlive: true, maxSockets: MAX_SOCKETS }
		}
	});
}

/** The HTTP status of an error answer; undefined for any other failure. */
export function statusOf(cause: unknown): number | undefined {
	return cause instanceof S3ServiceException ? cause.$metadata.httpStatusCode : undefined;
}

/** There is no object of this key. A missing bucket is not meant: that is a fault. */
export function isMissing(cause: unknown): boolean {
	return statusOf(cause) === 404 && cause instanceof Error && cause.name !== 'NoSuchBucket';
}

/** Somebody else wrote the key first: 412, or 409 while the other write is still going on. */
export function isTaken(cause: unknown): boolean {
	return statusOf(cause) === 412 || statusOf(cause) === 409;
}

/**
 * Runs work on the bucket and speaks of its failures in the words of the store: what the server or
 * the network refused becomes `StorageUnavailable`, a broken source its own error, an abort the
 * signal's reason. All else passes through.
 */
export async function onS3<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
	try {
		return await work();
	} catch (cause) {
		if (cause instanceof SourceBroken) throw cause.cause;
		signal?.throwIfAborted();
		if (!isFault(cause)) throw cause;
		const message = 'the storage does not answer as it should. try again in a moment';
		throw new StorageUnavailable(message, { cause });
	}
}

/** What the client library throws has facts about its attempts, a system code or a telling name. */
function isFault(cause: unknown): boolean {
	if (!(cause instanceof Error) || cause instanceof DomainError) return false;
	const named = ['TimeoutError', 'AbortError'].includes(cause.name);
	return named || '$metadata' in cause || 'syscall' in cause || 'code' in cause;
}
