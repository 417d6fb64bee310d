import path from 'node:path';
import type { Config } from '#lib/server/config.ts';
import {
	connectDatabase,
	type DatabaseAddress,
	type DatabaseConnection
} from '#lib/server/db/connect.ts';
import { joinEmbeddedPostgres } from '#lib/server/db/embedded-postgres.ts';
import { migrationNames, pendingMigrations } from '#lib/server/db/migrate.ts';
import { fault, type Finding, note, ok, reasonOf } from './finding.ts';

/** The database of the site while it is looked at. */
export interface ExaminedDatabase extends DatabaseConnection {
	address: DatabaseAddress;
}

const OLDEST_VERSION = 15;
const EXTENSION = 'pg_trgm';
/** PDSs refuse a proof of a sign-in whose time is further off. */
const CLOCK_LIMIT_MS = 10_000;
/** A list is one to three queries: more, and every page is felt. */
const SLOW_MS = 50;

/**
 * Opens the database: the embedded one also when it does not run.
 * @returns what is wrong when it cannot be
 */
export async function openExamined(
	config: Config
): Promise<{ database: ExaminedDatabase; close: () => Promise<void> } | Finding> {
	try {
		const server = await serverOf(config);
		const database = connectDatabase(server.address, config.database);
		const close = async () => {
			await database.close(1);
			await server.stop();
		};
		try {
			await database.sql`select 1`;
			return { database: { ...database, address: server.address }, close };
		} catch (cause) {
			await close();
			throw cause;
		}
	} catch (cause) {
		const reason = reasonOf(cause);
		return fault('database', `it cannot be reached: ${reason}`, cureOf(config, reason));
	}
}

const serverOf = async ({ database, dataDir }: Config) =>
	database.url === undefined
		? await joinEmbeddedPostgres(path.join(dataDir, 'postgres'), () => undefined)
		: { address: database.url, stop: () => Promise.resolve() };

function cureOf({ database }: Config, reason: string): string {
	if (database.url === undefined) {
		return 'read the log of the application at LOG_LEVEL=debug, which has what the embedded database says, and look whether its folder is whole';
	}
	if (/unsupported startup parameter/.test(reason)) {
		return 'that is a pooler: set DATABASE_POOLER=transaction, and DATABASE_DIRECT_URL to the database itself';
	}
	if (/28P01|28000|password|role/.test(reason)) {
		return 'correct the user and the password in DATABASE_URL';
	}
	if (/3D000|does not exist/.test(reason)) {
		return 'make the database that DATABASE_URL names (createdb), or name another one';
	}
	return 'start the database, and let DATABASE_URL name its host and port as this machine reaches them';
}

/** Version, extension, how fast it answers, and whether its clock is ours. */
export async function examineDatabase({ sql }: ExaminedDatabase): Promise<Finding[]> {
	const findings: Finding[] = [];
	const [server] = await sql<
		{ version: number; name: string; isReplica: boolean; extension: string | null }[]
	>`
		select pg_is_in_recovery() as "isReplica",
			current_setting('server_version_num')::int / 10000 as version,
			current_setting('server_version') as name,
			(select default_version from pg_available_extensions where name = ${EXTENSION}) as extension`;
	if (server?.isReplica) {
		return [
			fault(
				'database',
				'DATABASE_URL leads to a replica, which only reads',
				'let DATABASE_URL name the database that it streams from; a replica is for DATABASE_REPLICA_URL'
			)
		];
	}
	if (server && server.version < OLDEST_VERSION) {
		return [
			fault(
				'database',
				`it is PostgreSQL ${server.name}`,
				`use PostgreSQL ${OLDEST_VERSION} or later`
			)
		];
	}
	if (server?.extension === null) {
		return [
			fault(
				'database',
				`it has no extension ${EXTENSION}, which searching needs`,
				'install the contrib package of this PostgreSQL'
			)
		];
	}
	findings.push(ok('database', `PostgreSQL ${server?.name} answers`));
	findings.push(await examineClock(sql));
	return findings;
}

/** Whether it has the form this version needs. */
export async function examineForm({ db }: ExaminedDatabase): Promise<Finding[]> {
	const names = await migrationNames();
	const pending = await pendingMigrations(db, names);
	if (pending.length === 0) {
		return [ok('database', `it has all ${names.length} migrations`)];
	}
	if (pending.length === names.length) {
		return [note('database', 'it is new', 'start the site, or run: plyr migrate')];
	}
	const says = `it lacks ${pending.length} of ${names.length} migrations, the first is ${pending[0]}`;
	return [fault('database', says, 'run: plyr migrate')];
}

async function examineClock(sql: ExaminedDatabase['sql']): Promise<Finding> {
	let bestMs = Infinity;
	let offMs = 0;
	for (let i = 0; i < 5; i++) {
		const askedAt = Date.now();
		const startedAt = performance.now();
		const [row] = await sql<{ nowMs: number }[]>`
			select (extract(epoch from clock_timestamp()) * 1000)::float8 as "nowMs"`;
		const tookMs = performance.now() - startedAt;
		if (tookMs < bestMs) offMs = (row?.nowMs ?? 0) - (askedAt + tookMs / 2);
		bestMs = Math.min(bestMs, tookMs);
	}
	if (Math.abs(offMs) > CLOCK_LIMIT_MS) {
		const seconds = Math.round(Math.abs(offMs) / 1000);
		const says = `the database's clock is ${seconds} s ${offMs > 0 ? 'before' : 'behind'} this machine's`;
		return fault('clock', says, 'let both machines keep time by ntp (timedatectl set-ntp true)');
	}
	const says = `an answer takes ${bestMs.toFixed(1)} ms`;
	if (bestMs > SLOW_MS) {
		return note('database', says, 'move the database nearer to the application');
	}
	return ok('database', says);
}
