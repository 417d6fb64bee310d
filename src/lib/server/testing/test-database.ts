import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type postgres from 'postgres';
import { readConfig } from '#lib/server/config.ts';
import {
	connectDatabase,
	type DatabaseAddress,
	type Db,
	openLeases
} from '#lib/server/db/connect.ts';
import type { Leases } from '#lib/server/db/leases.ts';
import { startEmbeddedPostgres } from '#lib/server/db/embedded-postgres.ts';
import { migrateToLatest } from '#lib/server/db/migrate.ts';
import { layReadyCluster } from './ready-cluster.ts';

/** A real, migrated, empty database of one test file. */
export interface TestDatabase {
	address: Exclude<DatabaseAddress, string>;
	db: Db;
	sql: postgres.Sql;
	/** for locks: connections of their own, as the application has them */
	locks: Leases;
	/** stops the server and removes its files */
	close(): Promise<void>;
}

/** Connections for locks, as few as the application has. */
const LOCK_CONNECTIONS = 4;

/**
 * Starts a PostgreSQL of its own in a temporary folder (one to two seconds). Call `close` in `after`.
 * @param onLine gets every line of its log
 */
export async function openTestDatabase(
	onLine: (line: string) => void = () => undefined
): Promise<TestDatabase> {
	const dir = await mkdtemp(path.join(tmpdir(), 'plyr-db-'));
	await layReadyCluster(dir);
	const server = await startEmbeddedPostgres(dir, onLine);
	const options = readConfig({}).database;
	const connection = connectDatabase(server.address, options);
	const locks = openLeases(server.address, options, LOCK_CONNECTIONS, 60_000);
	await migrateToLatest(server.address, options);
	return {
		address: server.address,
		db: connection.db,
		sql: connection.sql,
		locks,
		async close() {
			await Promise.all([connection.close(1), locks.end(1)]);
			await server.stop();
			await rm(dir, { recursive: true, force: true });
		}
	};
}
