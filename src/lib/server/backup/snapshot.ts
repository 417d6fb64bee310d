import type { Config } from '#lib/server/config.ts';
import type { DatabaseAddress } from '#lib/server/db/connect.ts';
import { keptJobs } from '#lib/server/jobs/kept-jobs.ts';
import { type BulkConnection, copyOut, inBulk, quoted } from './bulk.ts';
import { putGzipped, putLines } from './lines.ts';
import type { KeptTable, Manifest } from './manifest.ts';
import type { BackupPlace } from './place.ts';
import { findSequences, findTables, type TableToKeep, wantedObjects } from './queries.ts';

/** What a snapshot of the database came to. */
export type Snapshot = Pick<Manifest, 'takenAt' | 'database' | 'jobs'> & {
	/** a list of WantedObject: what was stored at that moment */
	wanted: Awaited<ReturnType<typeof putLines>>;
};

export interface SnapshotTarget {
	place: BackupPlace;
	backupId: string;
	signal: AbortSignal;
	onTable: (table: string) => void;
}

/** Whose rows say nothing to anybody else. */
const LEFT_OUT = ['kysely_migration', 'object_holds'];
const READ_ONLY = 'begin isolation level repeatable read read only';

/** Writes all of the database as it was at one moment: tables, where sequences are, and waiting jobs. */
export async function keepSnapshot(
	database: { address: DatabaseAddress; config: Config },
	target: SnapshotTarget
): Promise<Snapshot> {
	const { place, backupId, signal } = target;
	return await inBulk(database, READ_ONLY, async (bulk) => {
		const { sql } = bulk;
		await sql.unsafe("set local datestyle = 'ISO'; set local extra_float_digits = 1").simple();
		const all = await findTables(sql);
		const tables = all.filter(({ name }) => !LEFT_OUT.includes(name));
		// their form stays from here on; a lock takes no snapshot, so that the first row read does
		const names = all.map(({ name }) => quoted(name)).join(', ');
		await sql.unsafe(`lock table only ${names} in access share mode`).simple();
		const [now] = await sql<{ takenAt: Date; version: string }[]>`
			select clock_timestamp() as "takenAt", current_setting('server_version') as version`;
		const migrations = await sql<
			{ name: string }[]
		>`select name from kysely_migration order by name`;
		const kept: KeptTable[] = [];
		for (const table of tables) {
			signal.throwIfAborted();
			target.onTable(table.name);
			kept.push(await keepTable(bulk, table, target));
		}
		const keepJobs = keptJobs(sql);
		const jobs = await putLines(place, backupId, 'jobs.jsonl.gz', keepJobs, signal);
		const list = wantedObjects(sql);
		const wanted = await putLines(place, backupId, 'wanted.jsonl.gz', list, signal);
		return {
			takenAt: now?.takenAt.toISOString() ?? '',
			database: {
				serverVersion: now?.version ?? '',
				migrations: migrations.map(({ name }) => name),
				tables: kept,
				// not of the snapshot: never before what its rows have
				sequences: await findSequences(sql)
			},
			jobs,
			wanted
		};
	});
}

async function keepTable(
	bulk: BulkConnection,
	{ name, columns }: TableToKeep,
	{ place, backupId, signal }: SnapshotTarget
): Promise<KeptTable> {
	let rows = 0;
	const counted = async function* () {
		for await (const chunk of copyOut(bulk, name, columns)) {
			// a line break within a value is written as \n
			for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) rows++;
			yield chunk;
		}
	};
	const file = await putGzipped(place, backupId, `database/${name}.copy.gz`, counted(), signal);
	return { name, columns, rows, file };
}
