import { statSync } from 'node:fs';
import path from 'node:path';
import { BackupProblem } from '#lib/server/backup/problem.ts';
import type { Config } from '#lib/server/config.ts';

/**
 * Refuses to work with a site that is not there: the embedded database would be made anew, and what is
 * then done with it (a backup, an audit) would look well.
 * @throws BackupProblem naming the folder that was looked at
 */
export function refuseWithoutSite({ database, dataDir }: Config, env: NodeJS.ProcessEnv): void {
	if (database.url !== undefined) return;
	try {
		statSync(path.join(dataDir, 'postgres', 'cluster', 'PG_VERSION'));
	} catch (cause) {
		const isClosed = cause instanceof Error && 'code' in cause && cause.code === 'EACCES';
		// of a database that belongs to another user this one sees no more than that it is there
		if (isClosed) {
			if (isThere(path.join(dataDir, 'postgres'))) return;
			throw new BackupProblem(
				`${dataDir} is closed to the user ${process.getuid?.()}: run plyr as the user of the site`,
				{ cause }
			);
		}
		const isSet = (env['DATA_DIR'] ?? '').trim() !== '';
		throw new BackupProblem(
			`there is no site in ${dataDir}${isSet ? '' : ', and DATA_DIR is not set'}: nothing was ever started with that folder. run plyr with what the site is started with`,
			{ cause }
		);
	}
}

function isThere(folder: string): boolean {
	try {
		return statSync(folder).isDirectory();
	} catch {
		return false;
	}
}
