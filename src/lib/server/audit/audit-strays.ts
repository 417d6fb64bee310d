import { type Finding, note } from '#lib/server/doctor/finding.ts';
import { KEY_FOLDER_OF_PROBES } from '#lib/server/storage/keys.ts';
import { namedAmong, releasedAmong } from '#lib/server/storage/named-objects.ts';
import type { Auditor, AuditOptions } from './audit.ts';
import { neededStaged } from './queries.ts';

/** What is younger may belong to somebody who is about to say so. */
const YOUNG_MS = 24 * 60 * 60 * 1000;
const BATCH = 500;
/** Swept by a worker: what is found here all the same was not. */
const SWEPT = ['audio/', 'images/'];
/** Drawn anew when somebody asks, and written by whoever looks whether the storage works. */
const NOBODYS = ['og/', `${KEY_FOLDER_OF_PROBES}/`];

/** Objects nothing refers to. They are named, and left as they are. */
export async function* auditStrays(
	{ db, storage }: Auditor,
	{ signal, onProgress, counts }: AuditOptions
): AsyncGenerator<Finding, void> {
	const isOld = ({ lastModified }: { lastModified: Date }) =>
		lastModified.getTime() < Date.now() - YOUNG_MS;
	let looked = 0;
	for await (const keys of batches(storage.list(''), ({ key }) => key, isOld)) {
		signal.throwIfAborted();
		onProgress(`objects without a row: ${(looked += keys.length)} looked at`);
		const known = await namedAmong(db, keys);
		const released = await releasedAmong(db, keys);
		for (const key of keys) {
			if (known.has(key) || released.has(key)) continue;
			if (NOBODYS.some((folder) => key.startsWith(folder))) continue;
			counts.strays++;
			yield note('strays', `no row names ${key}`, cureOf(key));
		}
	}
	for await (const ids of batches(storage.staging.list(), ({ id }) => id, isOld)) {
		signal.throwIfAborted();
		const needed = await neededStaged(db, ids);
		for (const id of ids.filter((one) => !needed.has(one))) {
			counts.strays++;
			yield note('strays', `no upload needs the staged bytes ${id}`, BY_WORKER);
		}
	}
}

const BY_WORKER =
	'a worker removes it within the hour (ROLES=worker); when it stays, its log says why';

const cureOf = (key: string): string =>
	SWEPT.some((folder) => key.startsWith(folder))
		? BY_WORKER
		: 'it is none of this site: look what it is, and take it away by hand';

async function* batches<T>(
	items: AsyncIterable<T>,
	nameOf: (item: T) => string,
	isWanted: (item: T) => boolean
): AsyncGenerator<string[], void> {
	let batch: string[] = [];
	for await (const item of items) {
		if (!isWanted(item) || batch.push(nameOf(item)) < BATCH) continue;
		yield batch;
		batch = [];
	}
	if (batch.length > 0) yield batch;
}
