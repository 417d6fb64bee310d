import type { Db } from '#lib/server/db/connect.ts';
import { AppendInterrupted, ObjectNotFound } from '#lib/server/storage/errors.ts';
import { namedAmong } from '#lib/server/storage/named-objects.ts';
import type { Storage, StoredBytes } from '#lib/server/storage/storage.ts';
import { inOrder } from './in-order.ts';
import { BytesDiffer, readBytes, readLines } from './lines.ts';
import { type KeptObject, keptObject, type Manifest } from './manifest.ts';
import type { BackupPlace } from './place.ts';
import { type Progress, saySize } from './progress.ts';

export interface PutCounts {
	/** written */
	objects: number;
	sizeBytes: number;
	/** there already, with their size: they stay as they are */
	kept: number;
	/** keys of those the backup does not have, or has damaged bytes of; the first hundred */
	lost: string[];
	lostCount: number;
}

interface Target {
	db: Db;
	storage: Storage;
	place: BackupPlace;
	manifest: Manifest;
	/** what is published and named by a row of a site that runs: nothing else is put */
	onlyNamed: boolean;
	signal: AbortSignal;
	onProgress: Progress;
}

const PUT_AT_ONCE = 3;
const BATCH = 200;
const MOST_LOST = 100;

/**
 * Puts the objects of a backup into a storage. Each is hashed as it passes and appears whole or not at
 * all; one that is there is never overwritten, so that it can be done again after it was cut off.
 * @throws what the storage or the place throws; the signal's reason
 */
export async function putObjects(target: Target): Promise<PutCounts> {
	const { place, manifest, signal, onProgress } = target;
	const counts: PutCounts = { objects: 0, sizeBytes: 0, kept: 0, lost: [], lostCount: 0 };
	const list = readLines(place, manifest.id, manifest.objects.file, keptObject, signal);
	const wanted = target.onlyNamed ? named(target.db, list) : list;
	const put = async (object: KeptObject) => ({ object, came: await putObject(target, object) });
	for await (const { object, came } of inOrder(wanted, PUT_AT_ONCE, put)) {
		if (came === 'kept') counts.kept++;
		else if (came === 'lost') {
			counts.lostCount++;
			if (counts.lost.length < MOST_LOST) counts.lost.push(object.key);
		} else {
			counts.objects++;
			counts.sizeBytes += object.sizeBytes;
		}
		const done = counts.objects + counts.kept + counts.lostCount;
		onProgress(`objects: ${done} of ${manifest.objects.count}, ${saySize(counts.sizeBytes)}`);
	}
	return counts;
}

async function* named(
	db: Db,
	objects: AsyncIterable<KeptObject>
): AsyncGenerator<KeptObject, void> {
	let batch: KeptObject[] = [];
	const flush = async () => {
		const keys = batch.map(({ key }) => key);
		const known = await namedAmong(db, keys);
		const passed = batch.filter(({ kind, key }) => kind !== 'staged' && known.has(key));
		batch = [];
		return passed;
	};
	for await (const object of objects) {
		if (batch.push(object) >= BATCH) yield* await flush();
	}
	yield* await flush();
}

async function putObject(target: Target, object: KeptObject): Promise<'put' | 'kept' | 'lost'> {
	target.signal.throwIfAborted();
	const { key, kind, sha256, sizeBytes } = object;
	const there = await sizeOf(target.storage, object);
	// one of another size is not ours to replace
	if (there !== null && (kind !== 'staged' || there === sizeBytes)) return 'kept';
	if (sha256 === null) return 'lost';
	const bytes = { sha256, sizeBytes };
	try {
		if (kind === 'staged') await stage(target, key, bytes);
		else {
			const source = readBytes(target.place, bytes, target.signal);
			await target.storage.put(key, source, {
				contentType: object.contentType,
				signal: target.signal
			});
		}
		return 'put';
	} catch (cause) {
		if (cause instanceof BytesDiffer || cause instanceof ObjectNotFound) return 'lost';
		throw cause;
	}
}

async function sizeOf(storage: Storage, { kind, key }: KeptObject): Promise<number | null> {
	if (kind === 'staged') return await storage.staging.size(key);
	return (await storage.head(key))?.sizeBytes ?? null;
}

/** What is there of it was left by a restore that was cut off. */
async function stage(target: Target, id: string, bytes: StoredBytes): Promise<void> {
	const { storage, place, signal } = target;
	const { staging } = storage;
	await staging.discard(id);
	try {
		await staging.append(id, 0, readBytes(place, bytes, signal), { signal });
	} catch (cause) {
		if (!(cause instanceof AppendInterrupted)) throw cause;
		await staging.discard(id);
		throw cause.cause;
	}
	await staging.persist(id);
}
