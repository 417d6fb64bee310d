/** Bytes on their way in. A source that throws is a broken source. */
export type ByteSource = AsyncIterable<Uint8Array> | Uint8Array;

/** What is known of an object once all its bytes are stored. */
export interface StoredBytes {
	sizeBytes: number;
	/** 64 lower-case hexadecimal digits */
	sha256: string;
}

export interface ObjectFacts {
	key: string;
	sizeBytes: number;
	/** null on the filesystem, which keeps bytes only: the database knows the type */
	contentType: string | null;
	lastModified: Date;
}

export type ListedObject = Omit<ObjectFacts, 'contentType'>;

export interface ReadOptions {
	/** first byte, 0 by default */
	start?: number;
	/** last byte, inclusive; the end of the object by default */
	end?: number;
	/** stops the stream and frees what it holds, also when nobody ever reads it */
	signal?: AbortSignal;
}

/**
 * Where audio and images live: a folder, or a bucket of any S3. Both keep the same promises, held
 * to them by one test suite.
 *
 * A key is a path of plain segments (`audio/4fd1a2b3c4d5e6f7.mp3`); `keys.ts` says which. Every
 * operation can throw `InvalidKey` and `StorageUnavailable`. Waits for a server are limited; how
 * long a source may take is for the caller to say with `signal`.
 */
export interface Storage {
	readonly backend: 'filesystem' | 's3';
	/** uploads on their way in; no key reaches them, and they reach no published object */
	readonly staging: Staging;

	/**
	 * Stores a whole object, replacing one of the same key. It becomes visible at once and complete,
	 * or, when the source breaks or `signal` aborts, not at all.
	 * @throws whatever the source threw, or the signal's reason
	 */
	put(
		key: string,
		source: ByteSource,
		options: { contentType: string; signal?: AbortSignal }
	): Promise<StoredBytes>;

	/** What is known of an object, null when there is none. */
	head(key: string): Promise<ObjectFacts | null>;

	/**
	 * Opens an object for reading. Bytes are fetched as they are taken, at most 64 KiB ahead.
	 * Cancelling the stream (or leaving a `for await`) frees what it holds.
	 * @throws ObjectNotFound before the first byte
	 * @throws ObjectTooShort when the object ends before `start` or `end`
	 */
	read(key: string, options?: ReadOptions): Promise<ReadableStream<Uint8Array>>;

	/** Removes an object; that there is none is fine. */
	delete(key: string): Promise<void>;

	/** Every published object whose key begins with `prefix` ('' for all), in no particular order. */
	list(prefix: string): AsyncIterable<ListedObject>;

	/**
	 * The address a browser fetches the object from: public, or signed and valid for at least half
	 * of the configured time (and unchanged meanwhile, so that it can be cached). null: the
	 * application serves it itself.
	 */
	browserUrl(key: string): Promise<string | null>;

	/**
	 * The address a browser saves the object from, signed for this one occasion and valid for a few
	 * minutes, also where the bucket is public. null: the application serves it itself.
	 * @param contentDisposition header the answer is to have
	 */
	downloadUrl(key: string, contentDisposition: string): Promise<string | null>;

	/** Resolves when the store answers as it should. Takes five seconds at most. */
	check(): Promise<void>;

	/**
	 * Removes what a killed process left of unfinished `put` and `publish` calls begun before the
	 * given moment. Staged uploads are not touched.
	 * @returns how many were removed
	 */
	removeUnfinished(before: Date): Promise<number>;

	/** Closes connections. */
	close(): Promise<void>;
}

/** What keeps objects, and serves nobody. */
export type ObjectStore = Pick<
	Storage,
	'put' | 'head' | 'read' | 'delete' | 'list' | 'removeUnfinished' | 'close'
>;

export interface StagedUpload {
	id: string;
	sizeBytes: number;
	lastModified: Date;
}

/**
 * Uploads while they arrive and until their job is done with them. An upload is known by an id of
 * letters, digits, `-` and `_`; it exists from its first `append` on, even of no bytes.
 */
export interface Staging {
	/**
	 * Adds bytes at the end. Two appends to one upload run one after the other in this process;
	 * across processes the loser of a race gets `OffsetMismatch` or writes the same bytes again.
	 * @param offsetBytes where the caller believes the end to be
	 * @returns the new size
	 * @throws OffsetMismatch carrying the real size; nothing was read from the source
	 * What was appended survives this process at once, and a power cut after `persist`; until then a
	 * power cut may shorten the upload, and `size` says to what.
	 * @throws AppendInterrupted when the source broke or `signal` aborted: what had arrived is kept,
	 *   and the error carries the new size
	 * @throws StagedUploadSealed when the upload has been published
	 */
	append(
		id: string,
		offsetBytes: number,
		source: ByteSource,
		options?: { signal?: AbortSignal }
	): Promise<number>;

	/** Makes all that was appended survive a power cut. @throws StagedUploadNotFound */
	persist(id: string): Promise<void>;

	/** Bytes held, null when there is no such upload. */
	size(id: string): Promise<number | null>;

	/** @throws StagedUploadNotFound */
	read(
		id: string,
		options?: { start?: number; signal?: AbortSignal }
	): Promise<ReadableStream<Uint8Array>>;

	/**
	 * Makes the staged bytes the object of this key, after checking that they are the promised ones.
	 * Never overwrites: the same bytes under the key already is success, also when the staged upload
	 * is gone, so a caller that crashed anywhere calls it again. The staged upload stays.
	 * @throws ObjectExists when different bytes are published under the key
	 * @throws StagedUploadNotFound
	 * @throws ContentMismatch when size or hash of the staged bytes are not the promised ones
	 */
	publish(
		id: string,
		key: string,
		options: StoredBytes & { contentType: string; signal?: AbortSignal }
	): Promise<void>;

	/** Removes a staged upload; that there is none is fine. A published object is not affected. */
	discard(id: string): Promise<void>;

	/** Every staged upload, for the one who removes forgotten ones. */
	list(): AsyncIterable<StagedUpload>;
}
