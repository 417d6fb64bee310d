import { forgetUnreadable } from '#lib/server/atproto/sealed-rows.ts';
import type { Config } from '#lib/server/config.ts';
import type { DatabaseAddress, DatabaseConnection } from '#lib/server/db/connect.ts';
import { migrateToLatest, migrationNames } from '#lib/server/db/migrate.ts';
import {
	beginRestore,
	endRestore,
	findRestore,
	listContents,
	type RestoreState
} from '#lib/server/db/restoring.ts';
import { enqueueKept, keptJob } from '#lib/server/jobs/kept-jobs.ts';
import type { Logger } from '#lib/server/log.ts';
import type { Storage } from '#lib/server/storage/storage.ts';
import { inBulk } from './bulk.ts';
import { readLines } from './lines.ts';
import { loadTables } from './load-tables.ts';
import type { Manifest } from './manifest.ts';
import type { BackupPlace } from './place.ts';
import { BackupProblem } from './problem.ts';
import { type Progress, sayCount } from './progress.ts';
import { type PutCounts, putObjects } from './put-objects.ts';
import { keysFor } from './restore-keys.ts';

/** Where a backup is put. */
export interface RestoreTarget {
	config: Config;
	log: Logger;
	address: DatabaseAddress;
	connection: DatabaseConnection;
	storage: Storage;
}

export interface RestoreOptions {
	/** the keys may be others: everybody signs in again then */
	canBeOtherKeys: boolean;
	signal: AbortSignal;
	onProgress: Progress;
}

export interface Restored extends PutCounts {
	rows: number;
	jobs: number;
	/** migrations that came after the backup */
	migrated: number;
	/** sign-ins no key opens any more */
	forgotten: number;
}

/**
 * Makes a site of a backup, in an empty database and an empty storage. Cut off anywhere it is gone on
 * with when it is called again; no server starts with the database before it is complete.
 * @throws BackupProblem; what the database, the storage or the place throws; the signal's reason
 */
export async function restoreBackup(
	target: RestoreTarget,
	place: BackupPlace,
	manifest: Manifest,
	options: RestoreOptions
): Promise<Restored> {
	const { config, address, connection, storage, log } = target;
	const { db } = connection;
	const { signal, onProgress } = options;
	refuseOtherNamespace(config, manifest);
	await refuseNewer(manifest);
	const state = await claim(target, manifest);
	const secrets = await keysFor(config, place, manifest, options.canBeOtherKeys);
	if (state === undefined) await beginRestore(db, manifest.id);
	if (state?.phase !== 'loaded') {
		onProgress('making the tables');
		await migrateToLatest(address, config.database, { only: manifest.database.migrations });
		const onTable = (table: string) => onProgress(`database: ${table}`);
		await loadTables(target, { place, manifest, signal, onTable });
	}
	const put = await putObjects({
		...{ db, storage, place, manifest, signal, onProgress },
		onlyNamed: false
	});
	onProgress('finishing');
	const migrated = await migrateToLatest(address, config.database);
	const list = readLines(place, manifest.id, manifest.jobs.file, keptJob, signal);
	const jobs = await enqueueKept({ sql: connection.sql, log }, list);
	const forgotten = options.canBeOtherKeys ? await forgetUnreadable(db, secrets) : 0;
	// of tables that were filled at once the planner knows nothing
	await inBulk(target, 'begin', async ({ sql }) => await sql.unsafe('analyze').simple());
	signal.throwIfAborted();
	await endRestore(db);
	const rows = manifest.database.tables.reduce((sum, table) => sum + table.rows, 0);
	return { ...put, rows, jobs, migrated: migrated.length, forgotten };
}

/** Its records are in that namespace, and in no other. */
function refuseOtherNamespace({ atproto }: Config, { id, site }: Manifest): void {
	if (atproto.namespace === site.namespace) return;
	throw new BackupProblem(
		`${id} is of a site with ATPROTO_APP_NAMESPACE=${site.namespace}, and here it is ${atproto.namespace}: what a record of one says is true of nothing in the other`
	);
}

async function refuseNewer({ database, id }: Manifest): Promise<void> {
	const known = await migrationNames();
	const unknown = database.migrations.filter((name) => !known.includes(name));
	if (unknown.length === 0) return;
	throw new BackupProblem(
		`${id} was made by a newer version, with ${sayCount(unknown.length, 'migration')} this one does not have: restore it with that version, or a later one`
	);
}

/**
 * Nothing that is there is touched.
 * @returns how far this restore was when it was cut off; undefined: it begins
 */
async function claim(
	{ connection, storage }: RestoreTarget,
	{ id }: Manifest
): Promise<RestoreState | undefined> {
	const state = await findRestore(connection.db);
	if (state?.backupId === id) return state;
	if (state) {
		throw new BackupProblem(
			`the restore of ${state.backupId} was cut off in this database: go on with it (--backup ${state.backupId}), or give another, empty database`
		);
	}
	const contents = await listContents(connection.db);
	if (contents.length > 0) {
		throw new BackupProblem(
			`the database is not empty (${contents.slice(0, 3).join(', ')}…): a backup is restored into an empty one. stop the site and let DATA_DIR be a new folder, or DATABASE_URL a new database`
		);
	}
	if (await hasObjects(storage)) {
		throw new BackupProblem(
			'the storage is not empty: a backup is restored into an empty one. let STORAGE_DIR be a new folder, or S3_BUCKET a new bucket'
		);
	}
	return undefined;
}

async function hasObjects(storage: Storage): Promise<boolean> {
	for await (const _ of storage.list('')) return true;
	for await (const _ of storage.staging.list()) return true;
	return false;
}
