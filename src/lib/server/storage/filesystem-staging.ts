import { open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { onDisk } from './disk-errors.ts';
import { entriesOf, isNoFile, statFile, syncFolder, writeFully } from './durable-files.ts';
import {
	AppendInterrupted,
	OffsetMismatch,
	StagedUploadNotFound,
	StagedUploadSealed
} from './errors.ts';
import { FileTooShort, openFileStream } from './file-stream.ts';
import { FlushBehind } from './flush-behind.ts';
import { KeyedLock } from './keyed-lock.ts';
import { assertStagingId } from './keys.ts';
import { publishFile } from './publish-file.ts';
import { chunksOf, SourceBroken } from './source.ts';
import type { ByteSource, StagedUpload, Staging, StoredBytes } from './storage.ts';

/** So much is written before it is sent to the disk. */
const FLUSH_BYTES = 16 * 1024 * 1024;

/**
 * Each upload is one growing file, written at explicit positions: two processes that take the same
 * bytes of one upload write the same bytes to the same place. Publishing links the file a second
 * time, which also seals it.
 */
export class FilesystemStaging implements Staging {
	readonly #folder: string;
	readonly #pathOfKey: (key: string) => string;
	readonly #lock = new KeyedLock();
	readonly #flush = new FlushBehind();

	/**
	 * @param folder existing folder for staged files
	 * @param pathOfKey where the object of a key lives; throws InvalidKey
	 */
	constructor(folder: string, pathOfKey: (key: string) => string) {
		this.#folder = folder;
		this.#pathOfKey = pathOfKey;
	}

	async append(
		id: string,
		offsetBytes: number,
		source: ByteSource,
		options: { signal?: AbortSignal } = {}
	): Promise<number> {
		const path = this.#pathOf(id);
		const chunks = chunksOf(source, options.signal);
		try {
			return await this.#lock.run(
				id,
				() => onDisk(() => this.#append(id, path, offsetBytes, chunks)),
				options.signal
			);
		} catch (cause) {
			if (!(cause instanceof SourceBroken)) throw cause;
			throw new AppendInterrupted(id, (await this.size(id)) ?? 0, { cause: cause.cause });
		}
	}

	async #append(
		id: string,
		path: string,
		offsetBytes: number,
		chunks: AsyncIterable<Uint8Array>
	): Promise<number> {
		const facts = await statFile(path);
		const sizeBytes = facts?.size ?? 0;
		if (sizeBytes !== offsetBytes) throw new OffsetMismatch(id, sizeBytes);
		if (facts && facts.nlink > 1) throw new StagedUploadSealed(id);
		const file = await open(path, facts ? 'r+' : 'w+');
		try {
			if (!facts) await syncFolder(this.#folder);
			const flush = () => this.#flush.start(path);
			const { endBytes, broken } = await writeAll(file, offsetBytes, chunks, flush);
			const written = await file.stat();
			if (written.size !== endBytes) throw new OffsetMismatch(id, written.size);
			if (broken) throw new AppendInterrupted(id, endBytes, { cause: broken.cause });
			return endBytes;
		} finally {
			await file.close();
		}
	}

	async size(id: string): Promise<number | null> {
		const facts = await onDisk(() => statFile(this.#pathOf(id)));
		return facts?.size ?? null;
	}

	async read(
		id: string,
		options: { start?: number; signal?: AbortSignal } = {}
	): Promise<ReadableStream<Uint8Array>> {
		const path = this.#pathOf(id);
		return await onDisk(async () => {
			try {
				return await openFileStream(path, options);
			} catch (cause) {
				if (isNoFile(cause)) throw new StagedUploadNotFound(id, { cause });
				if (!(cause instanceof FileTooShort)) throw cause;
				throw new OffsetMismatch(id, (await this.size(id)) ?? 0, { cause });
			}
		});
	}

	async persist(id: string): Promise<void> {
		await onDisk(async () => {
			try {
				await this.#flush.finish(this.#pathOf(id));
			} catch (cause) {
				if (isNoFile(cause)) throw new StagedUploadNotFound(id, { cause });
				throw cause;
			}
		});
	}

	async publish(
		id: string,
		key: string,
		options: StoredBytes & { contentType: string; signal?: AbortSignal }
	): Promise<void> {
		const staged = this.#pathOf(id);
		const target = this.#pathOfKey(key);
		const { sizeBytes, sha256, signal } = options;
		const publication = { id, key, staged, target, sizeBytes, sha256, signal };
		await onDisk(() => this.#lock.run(id, () => publishFile(publication), signal));
	}

	async discard(id: string): Promise<void> {
		const path = this.#pathOf(id);
		this.#flush.forget(path);
		await onDisk(() => rm(path, { force: true }));
	}

	async *list(): AsyncGenerator<StagedUpload, void> {
		for await (const entry of entriesOf(this.#folder)) {
			const facts = await onDisk(() => statFile(join(this.#folder, entry.name)));
			if (facts) yield { id: entry.name, sizeBytes: facts.size, lastModified: facts.mtime };
		}
	}

	#pathOf(id: string): string {
		assertStagingId(id);
		return join(this.#folder, id);
	}
}

async function writeAll(
	file: FileHandle,
	offsetBytes: number,
	chunks: AsyncIterable<Uint8Array>,
	flush: () => void
): Promise<{ endBytes: number; broken?: SourceBroken }> {
	let endBytes = offsetBytes;
	let flushedBytes = offsetBytes;
	try {
		for await (const chunk of chunks) {
			await writeFully(file, chunk, endBytes);
			endBytes += chunk.byteLength;
			if (endBytes - flushedBytes < FLUSH_BYTES) continue;
			flush();
			flushedBytes = endBytes;
		}
	} catch (broken) {
		if (!(broken instanceof SourceBroken)) throw broken;
		return { endBytes, broken };
	}
	return { endBytes };
}
