import path from 'node:path';
import { type Config, readConfig } from '#lib/server/config.ts';
import {
	connectDatabase,
	type DatabaseAddress,
	type DatabaseConnection
} from '#lib/server/db/connect.ts';
import { joinEmbeddedPostgres } from '#lib/server/db/embedded-postgres.ts';
import { createLogger, type Logger } from '#lib/server/log.ts';
import { createStorage } from '#lib/server/storage/create-storage.ts';
import type { Storage } from '#lib/server/storage/storage.ts';
import type { Terminal } from './command.ts';
import { refuseWithoutSite } from './site-here.ts';

/** What a site keeps, whether or not it runs, and whatever form its database has. */
export interface Stored {
	config: Config;
	log: Logger;
	address: DatabaseAddress;
	connection: DatabaseConnection;
	storage: Storage;
}

/**
 * Does something with the database and the storage of a site.
 * @param isNew whether it may be made for that
 * @throws ConfigError, BackupProblem when there is none
 */
export async function withStored<T>(
	{ env }: Terminal,
	action: (stored: Stored) => Promise<T>,
	{ isNew = false }: { isNew?: boolean } = {}
): Promise<T> {
	const config = readConfig(env);
	if (!isNew) refuseWithoutSite(config, env);
	const log = createLogger('warn', (line) => process.stderr.write(line + '\n'));
	const server =
		config.database.url === undefined
			? await joinEmbeddedPostgres(path.join(config.dataDir, 'postgres'), () => undefined)
			: { address: config.database.url, stop: () => Promise.resolve() };
	try {
		const { address } = server;
		const connection = connectDatabase(address, config.database);
		const storage = await createStorage(config.storage);
		try {
			return await action({ config, log, address, connection, storage });
		} finally {
			await storage.close();
			await connection.close(1);
		}
	} finally {
		await server.stop();
	}
}
