import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { readConfig } from '#lib/server/config.ts';
import {
	connectDatabase,
	type DatabaseAddress,
	type DatabaseConnection
} from '#lib/server/db/connect.ts';
import { startEmbeddedPostgres } from '#lib/server/db/embedded-postgres.ts';
import { migrateToLatest } from '#lib/server/db/migrate.ts';

/** A PostgreSQL of a test's own, migrated, in a folder that goes away with it. */
export interface TestDatabase extends DatabaseConnection {
	address: DatabaseAddress;
	stop(): Promise<void>;
}

export async function startTestDatabase(): Promise<TestDatabase> {
	const dir = await mkdtemp(path.join(os.tmpdir(), 'plyr-test-db-'));
	const server = await startEmbeddedPostgres(dir, () => undefined);
	const connection = connectDatabase(server.address, readConfig({}).database);
	await migrateToLatest(connection.db);
	return {
		...connection,
		address: server.address,
		async stop() {
			await connection.close();
			await server.stop();
			await rm(dir, { recursive: true, force: true });
		}
	};
}
