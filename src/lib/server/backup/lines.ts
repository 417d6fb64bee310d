import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type { z } from 'zod';
import { tallied } from '#lib/server/storage/source.ts';
import type { StoredBytes } from '#lib/server/storage/storage.ts';
import { type BackupFile, keyOfBytes, keyOfFile } from './manifest.ts';
import type { BackupPlace } from './place.ts';

const GZIP = { contentType: 'application/gzip' };

/** The bytes of a backup are not those that were written. */
export class BytesDiffer extends Error {
	override name = 'BytesDiffer';
	/** what they are instead */
	readonly found: StoredBytes;

	constructor(key: string, found: StoredBytes) {
		super(`${key} has other bytes than it should`);
		this.found = found;
	}
}

/** Writes a file of a backup with gzip as its content comes. */
export async function putGzipped(
	place: BackupPlace,
	backupId: string,
	name: string,
	content: AsyncIterable<Uint8Array | string>,
	signal?: AbortSignal
): Promise<BackupFile> {
	const gzip = createGzip();
	// whatever breaks the content breaks what reads from gzip
	pipeline(Readable.from(content), gzip).catch(() => undefined);
	const stored = await place.put(keyOfFile(backupId, name), gzip, { ...GZIP, signal });
	return { name, ...stored };
}

/** The same for values, one a line. */
export async function putLines(
	place: BackupPlace,
	backupId: string,
	name: string,
	values: AsyncIterable<object>,
	signal?: AbortSignal
): Promise<{ count: number; file: BackupFile }> {
	let count = 0;
	const lines = async function* () {
		for await (const value of values) {
			count++;
			yield JSON.stringify(value) + '\n';
		}
	};
	const file = await putGzipped(place, backupId, name, lines(), signal);
	return { count, file };
}

/** What bytes should be. @throws BytesDiffer after the last of them */
export const verified = (
	chunks: AsyncIterable<Uint8Array>,
	key: string,
	{ sha256, sizeBytes }: StoredBytes
): AsyncGenerator<Uint8Array, void> =>
	tallied(chunks, (found) => {
		if (found.sha256 !== sha256 || found.sizeBytes !== sizeBytes) throw new BytesDiffer(key, found);
	});

/** A file of a backup as it was stored. @throws BytesDiffer at its end, ObjectNotFound */
export async function* readFile(
	place: BackupPlace,
	backupId: string,
	file: BackupFile,
	signal?: AbortSignal
): AsyncGenerator<Uint8Array, void> {
	const key = keyOfFile(backupId, file.name);
	yield* verified(await place.read(key, { signal }), key, file);
}

/** The bytes of a hash. @throws BytesDiffer at their end, ObjectNotFound */
export async function* readBytes(
	place: BackupPlace,
	bytes: StoredBytes,
	signal?: AbortSignal
): AsyncGenerator<Uint8Array, void> {
	const key = keyOfBytes(bytes.sha256);
	yield* verified(await place.read(key, { signal }), key, bytes);
}

/** What was written with `putGzipped`. @throws BytesDiffer at its end, ObjectNotFound */
export function readGzipped(
	place: BackupPlace,
	backupId: string,
	file: BackupFile,
	signal?: AbortSignal
): AsyncIterable<Buffer> {
	const gunzip = createGunzip();
	pipeline(Readable.from(readFile(place, backupId, file, signal)), gunzip).catch(() => undefined);
	return gunzip;
}

/** What was written with `putLines`. @throws as `readGzipped` */
export async function* readLines<T extends z.ZodTypeAny>(
	place: BackupPlace,
	backupId: string,
	file: BackupFile,
	shape: T,
	signal?: AbortSignal
): AsyncGenerator<z.output<T>, void> {
	const decoder = new TextDecoder();
	let rest = '';
	for await (const chunk of readGzipped(place, backupId, file, signal)) {
		const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
		rest = lines.pop() ?? '';
		for (const line of lines) yield shape.parse(JSON.parse(line)) as z.output<T>;
	}
}
