import { randomBytes } from 'node:crypto';
import type { Viewer } from '#lib/auth/viewer.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { freePort } from '../free-port.ts';
import { KillableWorker } from './killable-worker.ts';
import { type PublishingSite, startPublishingSite } from './publishing-site.ts';

/** A site whose worker can be killed: its database does not die with a process. */
export interface KillableSite {
	database: TestDatabase;
	/** takes requests, and no jobs */
	site: PublishingSite;
	/** takes jobs */
	worker: KillableWorker;
	/** signed in */
	alice: Viewer;
	close(): Promise<void>;
}

/** Starts all of it, in some ten seconds. Call `close` in `after`. */
export async function startKillableSite(
	changes: Record<string, string> = {}
): Promise<KillableSite> {
	const database = await openTestDatabase();
	// every process of the site finds the same database; its own embedded one would die with it
	process.env['PGHOST'] = database.address.host;
	process.env['PGUSER'] = database.address.user;
	const site = await startPublishingSite({
		DATABASE_URL: 'postgres:///postgres',
		OAUTH_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
		ROLES: 'web',
		...changes
	}).catch(async (cause: unknown) => {
		await database.close();
		throw cause;
	});
	const worker = new KillableWorker(site.env, await freePort());
	const close = async () => {
		await worker.kill();
		await site.close();
		await database.close();
	};
	try {
		const alice = await site.viewer('alice');
		worker.start();
		await worker.started;
		return { database, site, worker, alice, close };
	} catch (cause) {
		await close();
		throw cause;
	}
}
