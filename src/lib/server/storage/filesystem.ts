import { readFile, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { onDisk } from './disk-errors.ts';
import {
	entriesOf,
	isNoFile,
	isUnfinished,
	makeFolder,
	placeFile,
	statFile,
	syncFolder,
	unfinishedName,
	writeFully
} from './durable-files.ts';
import { ObjectNotFound, ObjectTooShort, StorageUnavailable } from './errors.ts';
import { FileTooShort, openFileStream } from './file-stream.ts';
import { FilesystemStaging } from './filesystem-staging.ts';
import { assertKey, assertPrefix, STAGING_FOLDER } from './keys.ts';
import { chunksOf, orAbort, Tally } from './source.ts';
import type {
	ByteSource,
	ListedObject,
	ObjectFacts,
	ObjectStore,
	ReadOptions,
	Storage,
	StoredBytes
} from './storage.ts';

const CHECK_LIMIT_MS = 5_000;

/**
 * Opens a folder as a store, making it when it is not there. Published objects are plain files at
 * their keys, staged uploads are files under `staging/`.
 */
export async function openFilesystemStorage(dir: string): Promise<Storage> {
	const root = resolve(dir);
	await onDisk(() => makeFolder(join(root, STAGING_FOLDER)));
	return new FilesystemStorage(root);
}

/** Opens a folder for objects alone, making it when it is not there: nothing is staged in it. */
export async function openObjectFolder(dir: string): Promise<ObjectStore> {
	const root = resolve(dir);
	await onDisk(() => makeFolder(root));
	return new FilesystemStorage(root);
}

class FilesystemStorage implements Storage {
	readonly backend = 'filesystem';
	readonly staging: FilesystemStaging;
	readonly #root: string;

	constructor(root: string) {
		this.#root = root;
		this.staging = new FilesystemStaging(join(root, STAGING_FOLDER), (key) => this.#pathOf(key));
	}

	async put(
		key: string,
		source: ByteSource,
		options: { contentType: string; signal?: AbortSignal }
	): Promise<StoredBytes> {
		const path = this.#pathOf(key);
		const tally = new Tally();
		await onDisk(() =>
			placeFile(path, rename, async (file) => {
				for await (const chunk of chunksOf(source, options.signal)) {
					const writing = writeFully(file, chunk, tally.sizeBytes);
					tally.add(chunk);
					await writing;
				}
			})
		);
		return tally.result();
	}

	async head(key: string): Promise<ObjectFacts | null> {
		const facts = await onDisk(() => statFile(this.#pathOf(key)));
		if (!facts) return null;
		return { key, sizeBytes: facts.size, contentType: null, lastModified: facts.mtime };
	}

	async read(key: string, options: ReadOptions = {}): Promise<ReadableStream<Uint8Array>> {
		const path = this.#pathOf(key);
		return await onDisk(async () => {
			try {
				return await openFileStream(path, options);
			} catch (cause) {
				if (isNoFile(cause)) throw new ObjectNotFound(key, { cause });
				if (cause instanceof FileTooShort) throw new ObjectTooShort(key, { cause });
				throw cause;
			}
		});
	}

	async delete(key: string): Promise<void> {
		const path = this.#pathOf(key);
		await onDisk(async () => {
			try {
				await unlink(path);
			} catch (cause) {
				if (isNoFile(cause)) return;
				throw cause;
			}
			await syncFolder(dirname(path));
		});
	}

	async *list(prefix: string): AsyncGenerator<ListedObject, void> {
		assertPrefix(prefix);
		const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
		for await (const { key, path, name } of this.#files(folder)) {
			if (!key.startsWith(prefix) || name.startsWith('.')) continue;
			const facts = await onDisk(() => statFile(path));
			if (facts) yield { key, sizeBytes: facts.size, lastModified: facts.mtime };
		}
	}

	/** null: these bytes are ours to serve. */
	browserUrl(key: string): Promise<null> {
		return onDisk(() => {
			assertKey(key);
			return Promise.resolve(null);
		});
	}

	downloadUrl(key: string): Promise<null> {
		return this.browserUrl(key);
	}

	async check(): Promise<void> {
		// a dead network mount does not fail, it hangs
		const limit = AbortSignal.timeout(CHECK_LIMIT_MS);
		try {
			await orAbort(probe(this.#root), limit);
		} catch (cause) {
			throw new StorageUnavailable('the storage does not take files at the moment', { cause });
		}
	}

	async removeUnfinished(before: Date): Promise<number> {
		let removed = 0;
		for await (const { path, name } of this.#files('')) {
			if (!isUnfinished(name)) continue;
			const facts = await onDisk(() => statFile(path));
			if (!facts || facts.mtime >= before) continue;
			await onDisk(() => rm(path, { force: true }));
			removed += 1;
		}
		return removed;
	}

	async close(): Promise<void> {
		// every descriptor belongs to a stream or a call, and ends with it
	}

	/** A valid key has no segment that leads out of the root. */
	#pathOf(key: string): string {
		assertKey(key);
		return join(this.#root, ...key.split('/'));
	}

	/** Every file of a published folder and below, unfinished ones included. */
	async *#files(folder: string): AsyncGenerator<{ key: string; path: string; name: string }, void> {
		for await (const entry of entriesOf(join(this.#root, folder))) {
			const key = folder + entry.name;
			if (key.toLowerCase() === STAGING_FOLDER) continue;
			if (entry.isDirectory()) yield* this.#files(`${key}/`);
			else yield { key, path: join(this.#root, key), name: entry.name };
		}
	}
}

/** Without fsync: on a disk busy with uploads that takes seconds, and says nothing more. */
async function probe(root: string): Promise<void> {
	const path = join(root, unfinishedName());
	try {
		await writeFile(path, 'probe');
		if ((await readFile(path, 'utf8')) !== 'probe') throw new Error('read back something else');
	} finally {
		await rm(path, { force: true });
	}
}
