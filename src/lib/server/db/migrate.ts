import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Config } from '#lib/server/config.ts';
import { connectDirectly, type DatabaseAddress, type Db } from './connect.ts';
import type { Database } from './schema.ts';
import {
	type Migration,
	outwaitMaintenance,
	takeLocks,
	type WantedLocks,
	wantedLocks
} from './wanted-locks.ts';

export interface MigrationOptions {
	/** where the migrations are; `migrations` of the working directory by default */
	folder?: string;
	/** the last one that is carried out, by its name; all of them by default */
	upTo?: string;
	/** those that are carried out, by their names; all of them by default */
	only?: readonly string[];
	/** how long one waits for a lock that others hold before it lets everybody pass and tries again */
	lockTimeoutMs?: number;
	/** so often one is tried */
	attempts?: number;
	/** how long everybody has to pass before the next time */
	pauseMs?: number;
}

/**
 * Whoever waits for a table holds up all who come after, so a migration never waits for long; and less
 * than the second after which the database looks for circles of those who wait (`takeLocks`).
 */
const LOCK_TIMEOUT_MS = 800;
const ATTEMPTS = 40;
const PAUSE_MS = 1_000;
/** A large table is rewritten for longer than any request may take. */
const STATEMENT_TIMEOUT_MS = 6 * 60 * 60 * 1000;
/** The lock of those who migrate: any number, as long as all use the same. */
const MIGRATING = 8_117_402_551;
/** https://www.postgresql.org/docs/current/errcodes-appendix.html: lock_not_available, deadlock_detected */
const TRY_AGAIN = new Set(['55P03', '40P01']);

/** The names of the migrations in a folder (`<UTC timestamp>-<slug>`), oldest first. */
export async function migrationNames(folder = path.resolve('migrations')): Promise<string[]> {
	const files = await readdir(folder);
	return files
		.filter((name) => /^\d{8}T\d{6}-.+(?<!\.test)\.ts$/.test(name))
		.map((name) => name.replace(/\.ts$/, ''))
		.sort();
}

/**
 * Brings a database to the newest form, one migration and one transaction at a time. Several processes
 * may do so at once: each waits for the one before it, and finds its work done. What a newer version
 * has added stays as it is: an older one that starts beside it goes on serving.
 * @returns the names of the migrations that were applied here
 * @throws Error naming the migration that failed; the database is as it was before that one
 */
export async function migrateToLatest(
	address: DatabaseAddress,
	config: Config['database'],
	options: MigrationOptions = {}
): Promise<string[]> {
	const settings = { ...config, poolSize: 2, statementTimeoutMs: STATEMENT_TIMEOUT_MS };
	const connection = connectDirectly(address, settings);
	const { db } = connection;
	try {
		const folder = options.folder ?? path.resolve('migrations');
		const names = await migrationNames(folder);
		const end = options.upTo === undefined ? names.length : names.indexOf(options.upTo) + 1;
		const applied: string[] = [];
		for (const name of await pendingMigrations(db, names.slice(0, end))) {
			if (options.only && !options.only.includes(name)) continue;
			if (await applyPatiently(db, path.join(folder, `${name}.ts`), options)) applied.push(name);
		}
		return applied;
	} finally {
		await connection.close();
	}
}

/** Those of `names` that a database has not had. */
export async function pendingMigrations(db: Db, names: readonly string[]): Promise<string[]> {
	const known = await db.transaction().execute(async (trx) => {
		await takeTurn(trx);
		return await appliedMigrations(trx);
	});
	return names.filter((name) => !known.has(name));
}

/** One after the other, also across processes; a transaction's lock needs no session behind a pooler. */
async function takeTurn(trx: Transaction<Database>): Promise<void> {
	await sql`select pg_advisory_xact_lock(${MIGRATING})`.execute(trx);
	// the table, and its name, are those of the migrator that older databases were made with
	await sql`
		create table if not exists kysely_migration
			(name varchar(255) primary key, timestamp varchar(255) not null)`.execute(trx);
}

async function appliedMigrations(trx: Transaction<Database>): Promise<Set<string>> {
	const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(trx);
	return new Set(rows.map(({ name }) => name));
}

/**
 * What is done before a migration, and with it: those that databases have had stay as they are, also when
 * one of them was wrong.
 */
const DONE_BEFORE: Readonly<Record<string, readonly string[]>> = {
	// whoever writes between this one and the one before it has written down what can be found already,
	// which this one does anew: they do it after it
	'20261127T222003-search-backfill': ['select search_in_turn()', 'delete from search_entries']
};

interface NamedMigration {
	name: string;
	migration: Migration;
	locks: WantedLocks;
}

/** @returns false when somebody else was first */
async function applyPatiently(db: Db, file: string, options: MigrationOptions): Promise<boolean> {
	const name = path.basename(file, '.ts');
	// loaded when it is carried out: most starts have none to carry out
	const migration = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Migration;
	const locks = await wantedLocks(migration);
	for (let attempt = 1; ; attempt++) {
		try {
			return await apply(db, { name, migration, locks }, options.lockTimeoutMs ?? LOCK_TIMEOUT_MS);
		} catch (cause) {
			const isWorthAnother =
				TRY_AGAIN.has(sqlState(cause)) && attempt < (options.attempts ?? ATTEMPTS);
			if (!isWorthAnother) {
				const text = `migration ${name} failed; the database is as it was before it`;
				throw new Error(text, { cause });
			}
			await sleep(options.pauseMs ?? PAUSE_MS);
			await outwaitMaintenance(db, locks);
		}
	}
}

const sqlState = (cause: unknown): string =>
	cause instanceof Error && 'code' in cause ? String(cause.code) : '';

async function apply(
	db: Db,
	{ name, migration, locks }: NamedMigration,
	lockTimeoutMs: number
): Promise<boolean> {
	return await db.transaction().execute(async (trx) => {
		await takeTurn(trx);
		if ((await appliedMigrations(trx)).has(name)) return false;
		// after the turn, for which one waits as long as the others take
		await takeLocks(trx, locks, lockTimeoutMs);
		await sql`select set_config('lock_timeout', ${`${lockTimeoutMs}ms`}, true)`.execute(trx);
		for (const statement of DONE_BEFORE[name] ?? []) await sql.raw(statement).execute(trx);
		await migration.up(trx as unknown as Kysely<unknown>);
		await sql`
			insert into kysely_migration (name, timestamp)
			values (${name}, ${new Date().toISOString()})`.execute(trx);
		return true;
	});
}
