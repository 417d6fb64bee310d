import type { Config } from '#lib/server/config.ts';
import type { DatabaseAddress, Db } from '#lib/server/db/connect.ts';
import { migrationNames, pendingMigrations } from '#lib/server/db/migrate.ts';
import { keyFingerprint, type Secrets } from '#lib/server/secrets.ts';
import { HoldLost, holdObjects } from '#lib/server/storage/hold.ts';
import type { Storage } from '#lib/server/storage/storage.ts';
import { z } from 'zod';
import { type CopyCounts, noCounts, ObjectCopier } from './copy-objects.ts';
import { earlierPictures } from './earlier-pictures.ts';
import { inOrder } from './in-order.ts';
import { putLines, readLines } from './lines.ts';
import {
	type BackupFile,
	keyOfFile,
	type Manifest,
	newBackupId,
	newManifest,
	writeManifest
} from './manifest.ts';
import type { BackupPlace } from './place.ts';
import { BackupProblem } from './problem.ts';
import { type Progress, sayCount, saySize } from './progress.ts';
import { keepSnapshot, type Snapshot } from './snapshot.ts';

/** What a backup is a copy of. */
export interface Original {
	config: Config;
	address: DatabaseAddress;
	db: Db;
	storage: Storage;
	secrets: Secrets;
}

export interface BackupOptions {
	/** the keys come along */
	hasKeys: boolean;
	signal: AbortSignal;
	onProgress: Progress;
}

/** 16 MiB each of an object that goes to a bucket. */
const COPIED_AT_ONCE = 3;
/** No object takes longer to be written: what is older was left by a killed process. */
const LONGEST_WRITE_MS = 24 * 60 * 60 * 1000;

const wantedObject = z.object({
	kind: z.enum(['audio', 'image', 'staged']),
	key: z.string(),
	sha256: z.string().nullable(),
	sizeBytes: z.number().nullable(),
	contentType: z.string()
});

/**
 * Copies everything a site is made of, while it runs: the database as it is at one moment, and the
 * objects it speaks of at that moment, which nobody deletes until this is done. It counts as a backup
 * once its manifest is there, which is the last that is written.
 * @throws BackupProblem; what the database, the storage or the place throws; the signal's reason
 */
export async function makeBackup(
	original: Original,
	place: BackupPlace,
	options: BackupOptions
): Promise<{ manifest: Manifest; counts: CopyCounts }> {
	const { config, db, secrets } = original;
	await refuseOlderForm(db);
	await place.removeUnfinished(new Date(Date.now() - LONGEST_WRITE_MS));
	const backupId = newBackupId();
	const hold = await holdObjects(db);
	const signal = AbortSignal.any([options.signal, hold.signal]);
	const run = { place, backupId, signal };
	try {
		const onTable = (table: string) => options.onProgress(`database: ${table}`);
		const { wanted, ...snapshot } = await keepSnapshot(original, { ...run, onTable });
		const counts = noCounts();
		const objects = await copyObjects(original, wanted, counts, { ...options, ...run });
		signal.throwIfAborted();
		const manifest = newManifest({
			id: backupId,
			...snapshot,
			completedAt: new Date().toISOString(),
			site: { publicUrl: config.publicUrl, namespace: config.atproto.namespace },
			keys: {
				encryption: secrets.encryptionKeys.map(keyFingerprint),
				file: options.hasKeys ? await keepKeys(secrets, run) : null
			},
			objects: {
				...objects,
				sizeBytes: counts.sizeBytes,
				missing: counts.missing,
				damaged: counts.damaged
			}
		});
		await place.delete(keyOfFile(backupId, wanted.file.name));
		await writeManifest(place, manifest);
		return { manifest, counts };
	} catch (cause) {
		if (!(hold.signal.reason instanceof HoldLost)) throw cause;
		const { message } = hold.signal.reason;
		throw new BackupProblem(`${message}: make the backup again`, { cause });
	} finally {
		await hold.release();
	}
}

/** Its tables are those this version knows. */
async function refuseOlderForm(db: Db): Promise<void> {
	const pending = await pendingMigrations(db, await migrationNames());
	if (pending.length === 0) return;
	throw new BackupProblem(
		`the database lacks ${sayCount(pending.length, 'migration')} of this version: make the backup with the version that runs, or run plyr migrate before`
	);
}

interface Run {
	place: BackupPlace;
	backupId: string;
	signal: AbortSignal;
}

async function keepKeys(secrets: Secrets, { place, backupId, signal }: Run): Promise<BackupFile> {
	const name = 'keys.json';
	const kept = {
		encryptionKeys: secrets.encryptionKeys.map((key) => key.toString('base64')),
		clientKeys: secrets.clientKeys
	};
	const options = { contentType: 'application/json', signal };
	const bytes = Buffer.from(JSON.stringify(kept));
	return { name, ...(await place.put(keyOfFile(backupId, name), bytes, options)) };
}

async function copyObjects(
	{ db, storage }: Original,
	wanted: Snapshot['wanted'],
	counts: CopyCounts,
	{ onProgress, ...run }: Run & BackupOptions
): Promise<{ count: number; file: BackupFile }> {
	const { place, backupId, signal } = run;
	const copier = new ObjectCopier({ db, storage, place, signal, counts });
	const earlier = await earlierPictures(place, signal);
	const list = readLines(place, backupId, wanted.file, wantedObject, signal);
	const joined = async function* () {
		for await (const one of list) yield { one, known: await earlier.find(one) };
	};
	const copied = async function* () {
		try {
			yield* copyAll();
		} finally {
			await earlier.close();
		}
	};
	const copyAll = async function* () {
		const all = inOrder(joined(), COPIED_AT_ONCE, ({ one, known }) => copier.copy(one, known));
		for await (const object of all) {
			onProgress(
				`objects: ${counts.objects} of ${wanted.count}, ${saySize(counts.copiedBytes)} copied`
			);
			if (object) yield object;
		}
	};
	return await putLines(place, backupId, 'objects.jsonl.gz', copied(), signal);
}
