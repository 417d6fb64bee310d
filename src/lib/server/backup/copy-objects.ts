import type { Db } from '#lib/server/db/connect.ts';
import {
	ObjectNotFound,
	ObjectTooShort,
	StagedUploadNotFound
} from '#lib/server/storage/errors.ts';
import { tallyOf } from '#lib/server/storage/source.ts';
import type { Storage, StoredBytes } from '#lib/server/storage/storage.ts';
import { BytesDiffer, verified } from './lines.ts';
import { type KeptObject, keyOfBytes } from './manifest.ts';
import type { BackupPlace } from './place.ts';
import { findPublished, type WantedObject } from './queries.ts';

/** What was copied, and what was not. */
export interface CopyCounts {
	objects: number;
	sizeBytes: number;
	/** of those, the ones an earlier backup had not copied yet */
	copied: number;
	copiedBytes: number;
	missing: number;
	damaged: number;
}

export const noCounts = (): CopyCounts => ({
	objects: 0,
	sizeBytes: 0,
	copied: 0,
	copiedBytes: 0,
	missing: 0,
	damaged: 0
});

interface CopyParts {
	db: Db;
	storage: Storage;
	place: BackupPlace;
	signal: AbortSignal;
	counts: CopyCounts;
}

/**
 * Copies objects under the hash of their bytes, each once: what is there already stays. Bytes pass
 * through, and are hashed as they do.
 */
export class ObjectCopier {
	readonly #parts: CopyParts;

	constructor(parts: CopyParts) {
		this.#parts = parts;
	}

	/**
	 * @param known what an earlier backup had of the same key, of an object whose hash nobody has written down
	 * @returns undefined for an upload that its artist has taken back meanwhile
	 * @throws what the storage or the place throws
	 */
	async copy(wanted: WantedObject, known?: StoredBytes): Promise<KeptObject | undefined> {
		this.#parts.signal.throwIfAborted();
		const { kind, key, contentType } = wanted;
		const promised = promisedOf(wanted) ?? known;
		try {
			const { isDamaged, ...bytes } = await this.#copyBytes(wanted, promised);
			this.#count(bytes.sizeBytes, isDamaged);
			return { kind, key, contentType, ...bytes, ...(isDamaged ? { isDamaged } : {}) };
		} catch (cause) {
			if (!isMissing(cause)) throw cause;
			if (kind === 'staged') return await this.#copyPublished(wanted);
			this.#parts.counts.objects++;
			this.#parts.counts.missing++;
			return { kind, key, contentType, sha256: null, sizeBytes: wanted.sizeBytes ?? 0 };
		}
	}

	#count(sizeBytes: number, isDamaged: boolean): void {
		const { counts } = this.#parts;
		counts.objects++;
		counts.sizeBytes += sizeBytes;
		if (isDamaged) counts.damaged++;
	}

	/** An upload that was published since the snapshot is in its place then, under the same hash. */
	async #copyPublished(wanted: WantedObject): Promise<KeptObject | undefined> {
		const promised = promisedOf(wanted);
		const key = promised && (await findPublished(this.#parts.db, promised.sha256));
		if (!promised || key === undefined) return undefined;
		try {
			await this.#copyBytes({ ...wanted, kind: 'audio', key }, promised);
		} catch (cause) {
			if (isMissing(cause)) return undefined;
			throw cause;
		}
		this.#count(promised.sizeBytes, false);
		const { kind, contentType } = wanted;
		return { kind, key: wanted.key, contentType, ...promised };
	}

	async #copyBytes(
		wanted: WantedObject,
		promised: StoredBytes | undefined
	): Promise<StoredBytes & { isDamaged: boolean }> {
		if (promised) {
			if (await this.#isThere(promised)) return { ...promised, isDamaged: false };
			try {
				await this.#put(wanted, promised);
				return { ...promised, isDamaged: false };
			} catch (cause) {
				if (!(cause instanceof BytesDiffer)) throw cause;
			}
		}
		// their hash is their name, so they are read once before
		const found = await tallyOf(await this.#open(wanted));
		if (!(await this.#isThere(found))) await this.#put(wanted, found);
		return { ...found, isDamaged: promisedOf(wanted) !== undefined };
	}

	async #isThere({ sha256, sizeBytes }: StoredBytes): Promise<boolean> {
		const facts = await this.#parts.place.head(keyOfBytes(sha256));
		return facts?.sizeBytes === sizeBytes;
	}

	/** @throws BytesDiffer before anything is visible */
	async #put(wanted: WantedObject, promised: StoredBytes): Promise<void> {
		const { place, signal, counts } = this.#parts;
		const source = verified(await this.#open(wanted), wanted.key, promised);
		const options = { contentType: wanted.contentType, signal };
		await place.put(keyOfBytes(promised.sha256), source, options);
		counts.copied++;
		counts.copiedBytes += promised.sizeBytes;
	}

	#open({ kind, key }: WantedObject): Promise<ReadableStream<Uint8Array>> {
		const { storage, signal } = this.#parts;
		return kind === 'staged'
			? storage.staging.read(key, { signal })
			: storage.read(key, { signal });
	}
}

const promisedOf = ({ sha256, sizeBytes }: WantedObject): StoredBytes | undefined =>
	sha256 === null || sizeBytes === null ? undefined : { sha256, sizeBytes };

const isMissing = (cause: unknown): boolean =>
	cause instanceof ObjectNotFound ||
	cause instanceof ObjectTooShort ||
	cause instanceof StagedUploadNotFound;
