import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readConfig } from '#lib/server/config.ts';
import { type Context, createContext } from '#lib/server/context.ts';
import { createLogger } from '#lib/server/log.ts';
import { bucketEnvironment, startTestBucket } from '#lib/server/storage/contract/bucket.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { SERVER_COMMAND, serverEnvironment } from '../../../dev/server-command.ts';
import { startTestNetwork } from '../../../dev/testing/test-network.ts';
import { startPgBouncer } from '../../integration/pgbouncer.ts';
import { freePort } from '../../free-port.ts';
import { type ProxyKind, startProxy } from './proxy.ts';
import { Supervised } from './supervised.ts';

/** The grown form: two of each role in processes of their own, one database behind PgBouncer, one bucket, and a proxy. */
export interface MixedSite {
	/** the proxy, as people know it */
	url: string;
	/** the proxy, which prefers the first or the second with pages */
	pinnedUrls: readonly [string, string];
	pdsUrl: string;
	database: TestDatabase;
	web: readonly [Supervised, Supervised];
	workers: readonly [Supervised, Supervised];
	transcoders: readonly [Supervised, Supervised];
	/** all six */
	processes: readonly Supervised[];
	/** what those with pages are started with */
	env: Record<string, string>;
	/** where every process writes what it does */
	dir: string;
	/** the same database and storage from here; takes no jobs */
	openContext(): Promise<Context>;
	close(): Promise<void>;
}

/** Of the database, for the pools of four processes and whoever looks on. */
const SESSIONS = 8;

/** Starts everything; the product must be built. Some ten seconds. */
export async function startMixedSite(proxy: ProxyKind): Promise<MixedSite> {
	const dir = await mkdtemp(path.join(tmpdir(), 'plyr-mixed-'));
	// open to the user postgres runs as
	await chmod(dir, 0o755);
	const [database, bucket, network] = await Promise.all([
		openTestDatabase(),
		startTestBucket(),
		startTestNetwork({ dir: path.join(dir, 'network') })
	]);
	const pool = await startPgBouncer(database, SESSIONS);
	const ports = {
		web: await twoPorts(),
		transcoders: await twoPorts(),
		workers: await twoPorts(),
		pinned: await twoPorts(),
		site: await freePort(),
		transcoder: await freePort()
	};
	const dataDir = path.join(dir, 'data');
	await mkdir(dataDir);
	const transcoderKey = randomBytes(16).toString('hex');
	const env: Record<string, string> = {
		PATH: process.env['PATH'] ?? '',
		PUBLIC_URL: `http://127.0.0.1:${ports.site}`,
		TRUSTED_PROXY_COUNT: '1',
		DATA_DIR: dataDir,
		DATABASE_URL: pool.url,
		DATABASE_POOLER: 'transaction',
		DATABASE_DIRECT_URL: 'postgres:///postgres',
		PGHOST: database.address.host,
		PGUSER: database.address.user,
		DATABASE_POOL_SIZE: '4',
		OAUTH_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
		ATPROTO_APP_NAMESPACE: 'fm.plyr.dev',
		ATPROTO_PLC_URL: network.plcUrl,
		ATPROTO_HANDLE_RESOLVER_URL: network.pdsUrl,
		DEV_ALLOW_INSECURE_NETWORK: 'true',
		TRANSCODER_URL: `http://127.0.0.1:${ports.transcoder}`,
		TRANSCODER_AUTH_TOKEN: transcoderKey,
		UPLOADS_PER_HOUR: '100000',
		UPLOAD_MB_PER_HOUR: '100000',
		...bucketEnvironment(bucket)
	};
	const site = (role: 'web' | 'worker') => (port: number, index: number) =>
		new Supervised(`${role} ${index + 1}`, {
			args: SERVER_COMMAND,
			env: {
				...env,
				...serverEnvironment(dataDir),
				ROLES: role,
				PORT: String(port),
				APP_STOP_ON_STDIN_END: 'true'
			},
			readyLine: '"listening"',
			logFile: path.join(dir, `${role}-${index + 1}.log`)
		});
	const transcoder = (port: number, index: number) =>
		new Supervised(`transcoder ${index + 1}`, {
			args: ['transcoder/src/server.ts'],
			env: {
				PATH: env['PATH'],
				NODE_COMPILE_CACHE: path.join(dataDir, 'cache'),
				TRANSCODER_HOST: '127.0.0.1',
				TRANSCODER_PORT: String(port),
				TRANSCODER_AUTH_TOKEN: transcoderKey,
				TRANSCODER_STOP_ON_STDIN_END: 'true',
				TRANSCODER_TEMP_DIR: dir
			},
			readyLine: 'transcoder_listening',
			logFile: path.join(dir, `transcoder-${index + 1}.log`)
		});
	const web = both(ports.web, site('web'));
	const workers = both(ports.workers, site('worker'));
	const transcoders = both(ports.transcoders, transcoder);
	const processes = [...web, ...workers, ...transcoders];
	// the first makes the tables, as a release command does
	for (const one of processes) await one.start();
	const stopProxy = await startProxy(proxy, ports, path.join(dir, 'nginx'));
	return {
		url: env['PUBLIC_URL'] ?? '',
		pinnedUrls: [`http://127.0.0.1:${ports.pinned[0]}`, `http://127.0.0.1:${ports.pinned[1]}`],
		pdsUrl: network.pdsUrl,
		...{ database, web, workers, transcoders, processes, dir },
		env: { ...env, ROLES: 'web', PORT: String(ports.web[0]) },
		async openContext() {
			Object.assign(process.env, { PGHOST: env['PGHOST'], PGUSER: env['PGUSER'] });
			const config = readConfig({ ...env, ROLES: 'web', PORT: String(ports.web[0]) });
			return await createContext(config, createLogger('error'));
		},
		async close() {
			for (const one of processes) await one.stop();
			await stopProxy();
			await network.stop();
			await bucket.stop();
			await pool.stop();
			await database.close();
			await rm(dir, { recursive: true, force: true });
		}
	};
}

const both = <Port, Made>(
	[one, other]: readonly [Port, Port],
	make: (port: Port, index: number) => Made
): [Made, Made] => [make(one, 0), make(other, 1)];

const twoPorts = async (): Promise<[number, number]> => [await freePort(), await freePort()];
