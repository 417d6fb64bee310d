import { existsSync } from 'node:fs';
import path from 'node:path';
import { type Config, isNowhere } from '#lib/server/config.ts';
import { assertPrefix, STAGING_FOLDER } from '#lib/server/storage/keys.ts';
import type { ListedObject, ObjectStore } from '#lib/server/storage/storage.ts';
import { BackupProblem } from './problem.ts';

/** Where backups are kept: a folder, or a part of a bucket. */
export interface BackupPlace extends ObjectStore {
	/** as it was typed */
	name: string;
}

/**
 * Opens the place of backups.
 * @param address a folder, or `s3://bucket/prefix`
 * @param isNew whether it may be made
 * @throws BackupProblem when it is in what it is to be a copy of, is not there, or cannot be reached so
 */
export async function openPlace(
	address: string,
	config: Config,
	isNew: boolean
): Promise<BackupPlace> {
	const bucket = /^s3:\/\/([^/]+)\/?(.*?)\/*$/.exec(address);
	if (bucket) return await openBucket(address, bucket[1] ?? '', bucket[2] ?? '', config);
	if (/^[a-z0-9]+:\/\//i.test(address)) {
		throw new BackupProblem(`${address} is neither a folder nor s3://bucket/prefix`);
	}
	const folder = path.resolve(address);
	refuseInside(folder, config);
	if (!isNew && !existsSync(folder)) throw new BackupProblem(`there is no folder ${folder}`);
	const { openObjectFolder } = await import('#lib/server/storage/filesystem.ts');
	const store = await openObjectFolder(folder);
	return named(address, store, '');
}

function refuseInside(folder: string, { storage }: Config): void {
	if (storage.backend !== 'filesystem') return;
	const inside = path.relative(storage.dir, folder);
	if (inside.startsWith('..') || path.isAbsolute(inside)) return;
	throw new BackupProblem(`${folder} is within the storage it would be a copy of`);
}

async function openBucket(
	address: string,
	bucket: string,
	prefix: string,
	config: Config
): Promise<BackupPlace> {
	const { backup, storage } = config;
	if (backup.accessKeyId === '' || backup.secretAccessKey === '') {
		throw new BackupProblem(
			`${address} needs BACKUP_AWS_ACCESS_KEY_ID and BACKUP_AWS_SECRET_ACCESS_KEY, and BACKUP_S3_ENDPOINT_URL unless it is at aws`
		);
	}
	if (isNowhere(backup.region, backup.endpoint)) {
		throw new BackupProblem(
			`${address} would be at aws, which needs BACKUP_S3_REGION: name the region of the bucket, or another service by BACKUP_S3_ENDPOINT_URL`
		);
	}
	const isOwn =
		storage.backend === 's3' && storage.bucket === bucket && storage.endpoint === backup.endpoint;
	if (isOwn) {
		throw new BackupProblem(
			`${bucket} is the bucket it would be a copy of, and lost with it: use another one`
		);
	}
	try {
		assertPrefix(prefix);
	} catch (cause) {
		const reason = `letters, digits, ".", "_" and "-" between slashes, not beginning with ${STAGING_FOLDER}`;
		throw new BackupProblem(`the prefix in ${address} may have ${reason}`, { cause });
	}
	const { openS3Storage } = await import('#lib/server/storage/s3.ts');
	const store = openS3Storage({ ...backup, bucket });
	return {
		...named(address, store, prefix === '' ? '' : `${prefix}/`),
		// what is unfinished in a bucket may be somebody else's: a rule of the bucket ends it
		removeUnfinished: () => Promise.resolve(0)
	};
}

const named = (name: string, store: ObjectStore, prefix: string): BackupPlace => ({
	name,
	put: (key, source, options) => store.put(prefix + key, source, options),
	head: (key) => store.head(prefix + key),
	read: (key, options) => store.read(prefix + key, options),
	delete: (key) => store.delete(prefix + key),
	list: (start) => listBelow(store, prefix, start),
	removeUnfinished: (before) => store.removeUnfinished(before),
	close: () => store.close()
});

async function* listBelow(
	store: ObjectStore,
	prefix: string,
	start: string
): AsyncGenerator<ListedObject, void> {
	for await (const object of store.list(prefix + start)) {
		yield { ...object, key: object.key.slice(prefix.length) };
	}
}
