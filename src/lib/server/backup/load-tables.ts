import type postgres from 'postgres';
import { SAY_LOADED } from '#lib/server/db/restoring.ts';
import { reasonOf } from '#lib/server/doctor/finding.ts';
import { type BulkConnection, copyIn, inBulk, quoted } from './bulk.ts';
import { readGzipped } from './lines.ts';
import type { KeptTable, Manifest } from './manifest.ts';
import type { BackupPlace } from './place.ts';
import { BackupProblem } from './problem.ts';
import { findTables } from './queries.ts';

interface Source {
	place: BackupPlace;
	manifest: Manifest;
	signal: AbortSignal;
	onTable: (table: string) => void;
}

/**
 * Puts the rows of a backup into tables of the same form, all of them or none. Nothing else happens
 * because of them: triggers rest, as what they do has been done. That rows refer to rows that are there
 * is looked at when all of them are.
 */
export async function loadTables(
	database: Parameters<typeof inBulk>[0],
	{ place, manifest, signal, onTable }: Source
): Promise<void> {
	const { tables, sequences } = manifest.database;
	await inBulk(database, 'begin', async (bulk) => {
		const { sql } = bulk;
		await sql.unsafe("set local datestyle = 'ISO'").simple();
		await refuseOtherForm(sql, manifest.database);
		const references = await findReferences(sql);
		const triggered = await findTriggered(sql);
		for (const { table, name } of references) {
			await run(bulk, `alter table ${table} drop constraint ${quoted(name)}`);
		}
		for (const table of triggered) await run(bulk, `alter table ${table} disable trigger user`);
		// what a migration has put into them is in the backup, too
		await run(bulk, `truncate ${tables.map(({ name }) => quoted(name)).join(', ')}`);
		for (const { name, columns, file } of tables) {
			signal.throwIfAborted();
			onTable(name);
			try {
				await copyIn(bulk, name, columns, readGzipped(place, manifest.id, file, signal));
				await assertRows(sql, tables, name);
			} catch (cause) {
				signal.throwIfAborted();
				const text = `the rows of ${name} cannot be loaded: ${reasonOf(cause)}. the database is as it was; take another backup (--backup)`;
				throw new BackupProblem(text, { cause });
			}
		}
		for (const { table, name, definition } of references) {
			await run(bulk, `alter table ${table} add constraint ${quoted(name)} ${definition}`);
		}
		for (const table of triggered) await run(bulk, `alter table ${table} enable trigger user`);
		for (const { name, lastValue } of sequences) {
			await sql`select setval(${quoted(name)}::regclass, ${lastValue})`;
		}
		await run(bulk, SAY_LOADED);
	});
}

/** A statement whose words are ours or the database's own. */
async function run({ sql, check }: BulkConnection, statement: string): Promise<void> {
	await sql.unsafe(statement).simple();
	check();
}

/** A migration that came after the backup changes rows, too: it has to find them. */
async function refuseOtherForm(
	sql: postgres.Sql,
	{ tables, migrations }: Manifest['database']
): Promise<void> {
	const applied = await sql<{ name: string }[]>`select name from kysely_migration order by name`;
	const later = applied.filter(({ name }) => !migrations.includes(name));
	if (later.length > 0) {
		throw new BackupProblem(
			`somebody has migrated this database meanwhile (${later[0]?.name}): begin again with an empty one`
		);
	}
	const there = new Map((await findTables(sql)).map(({ name, columns }) => [name, columns]));
	for (const { name, columns } of tables) {
		const known = there.get(name);
		const lacking = known ? columns.filter((column) => !known.includes(column)) : [];
		if (known && lacking.length === 0) continue;
		const what = known ? `the columns ${lacking.join(', ')} of ${name}` : `the table ${name}`;
		throw new BackupProblem(`the backup has ${what}, which its migrations do not make`);
	}
}

async function assertRows(
	sql: postgres.Sql,
	tables: readonly KeptTable[],
	name: string
): Promise<void> {
	const [found] = await sql<{ rows: number }[]>`select count(*) as rows from ${sql(name)}`;
	const wanted = tables.find((table) => table.name === name)?.rows;
	if (found?.rows === wanted) return;
	throw new Error(`there are ${found?.rows} rows of it, and ${wanted} in the backup`);
}

interface TableReference {
	table: string;
	name: string;
	definition: string;
}

async function findReferences(sql: postgres.Sql): Promise<TableReference[]> {
	return await sql<TableReference[]>`
		select conrelid::regclass::text as table, conname as name,
			pg_get_constraintdef(oid) as definition
		from pg_constraint
		where contype = 'f' and connamespace = 'public'::regnamespace and conparentid = 0
		order by 1, 2`;
}

async function findTriggered(sql: postgres.Sql): Promise<string[]> {
	const rows = await sql<{ name: string }[]>`
		select distinct tgrelid::regclass::text as name from pg_trigger
		join pg_class on pg_class.oid = tgrelid
		where not tgisinternal and tgparentid = 0 and relnamespace = 'public'::regnamespace
		order by 1`;
	return rows.map(({ name }) => name);
}
