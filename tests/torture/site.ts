import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readConfig } from '#lib/server/config.ts';
import { type Context, createContext } from '#lib/server/context.ts';
import { createLogger } from '#lib/server/log.ts';
import { bucketEnvironment, startTestBucket } from '#lib/server/storage/contract/bucket.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import type { Random } from '../../dev/music/random.ts';
import { SERVER_COMMAND, serverEnvironment } from '../../dev/server-command.ts';
import { startTestNetwork } from '../../dev/testing/test-network.ts';
import { Killable } from './killable.ts';
import { type PdsProxy, startPdsProxy } from './pds-proxy.ts';

export type StorageKind = 's3' | 'filesystem';

/** The whole product in processes that can be killed, on a database, PDS and storage that cannot. */
export interface TortureSite {
	url: string;
	/** past the proxy's troubles, whatever is going on */
	pdsUrl: string;
	database: TestDatabase;
	proxy: PdsProxy;
	/** pages, api and jobs */
	app: Killable;
	/** jobs and sweeps */
	worker: Killable;
	transcoder: Killable;
	/** where every process writes what it does */
	dir: string;
	/** adds a line to what the artists were told */
	note: (line: string) => void;
	/** the same database and storage from here; takes no jobs */
	openContext(): Promise<Context>;
	close(): Promise<void>;
}

/** So long is a day for the sweeps: longer than anything is under way. */
const DAY_MS = 120_000;

/** Starts everything but the processes to be killed; the product must be built. */
export async function startTortureSite(kind: StorageKind, random: Random): Promise<TortureSite> {
	const dir = await mkdtemp(path.join(tmpdir(), 'plyr-torture-'));
	// open to the user postgres runs as
	await chmod(dir, 0o755);
	const [appPort, pdsPort, transcoderPort] = await freePorts();
	const [database, proxy, bucket] = await Promise.all([
		openTestDatabase(),
		startPdsProxy(pdsPort, random),
		kind === 's3' ? startTestBucket() : null
	]);
	const network = await startTestNetwork({
		dir: path.join(dir, 'network'),
		pdsPort,
		pdsPublicPort: proxy.port
	});
	const dataDir = path.join(dir, 'data');
	await mkdir(dataDir);
	const transcoderKey = randomBytes(16).toString('hex');
	const env: Record<string, string> = {
		PATH: process.env['PATH'] ?? '',
		PORT: String(appPort),
		DATA_DIR: dataDir,
		DATABASE_URL: 'postgres:///postgres',
		PGHOST: database.address.host,
		PGUSER: database.address.user,
		DATABASE_POOL_SIZE: '5',
		OAUTH_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
		ATPROTO_APP_NAMESPACE: 'fm.plyr.dev',
		ATPROTO_PLC_URL: network.plcUrl,
		ATPROTO_HANDLE_RESOLVER_URL: network.pdsUrl,
		DEV_ALLOW_INSECURE_NETWORK: 'true',
		TRANSCODER_URL: `http://127.0.0.1:${transcoderPort}`,
		TRANSCODER_AUTH_TOKEN: transcoderKey,
		UPLOADS_PER_HOUR: '100000',
		UPLOAD_MB_PER_HOUR: '100000',
		RELEASE_WAIT_SECONDS: '5',
		TORTURE_DAY_MS: String(DAY_MS),
		...(bucket ? bucketEnvironment(bucket) : {})
	};
	const process_ = (name: string, readyLine: string, args: string[], own: NodeJS.ProcessEnv) =>
		new Killable({ args, env: own, readyLine, logFile: path.join(dir, `${name}.log`) });
	const app = process_('app', '"listening"', SERVER_COMMAND, {
		...env,
		...serverEnvironment(dataDir),
		APP_STOP_ON_STDIN_END: 'true'
	});
	const script = path.resolve(import.meta.dirname, 'worker-process.ts');
	const cache = { NODE_COMPILE_CACHE: path.join(dataDir, 'cache') };
	const worker = process_('worker', '"worker_started"', [script], {
		...env,
		...cache,
		ROLES: 'worker,transcoder'
	});
	const transcoder = process_('transcoder', 'listening', ['transcoder/src/server.ts'], {
		PATH: env['PATH'],
		...cache,
		TRANSCODER_HOST: '127.0.0.1',
		TRANSCODER_PORT: String(transcoderPort),
		TRANSCODER_AUTH_TOKEN: transcoderKey,
		TRANSCODER_STOP_ON_STDIN_END: 'true',
		TRANSCODER_TEMP_DIR: dir
	});
	const notes = createWriteStream(path.join(dir, 'artists.log'));
	return {
		url: `http://127.0.0.1:${appPort}`,
		pdsUrl: `http://127.0.0.1:${pdsPort}`,
		database,
		proxy,
		app,
		worker,
		transcoder,
		dir,
		note: (line) => void notes.write(`${line}\n`),
		async openContext() {
			Object.assign(process.env, { PGHOST: env['PGHOST'], PGUSER: env['PGUSER'] });
			const config = readConfig({ ...env, ROLES: 'web' });
			return await createContext(config, createLogger('error'));
		},
		async close() {
			for (const one of [app, worker, transcoder]) await one.stop();
			notes.end();
			await network.stop();
			await proxy.close();
			await bucket?.stop();
			await database.close();
			await rm(dir, { recursive: true, force: true });
		}
	};
}

/** Three different ones: all are held before any is given back. */
async function freePorts(): Promise<[number, number, number]> {
	const servers = [createServer(), createServer(), createServer()] as const;
	const portOf = async (server: (typeof servers)[number]) => {
		server.listen(0, '127.0.0.1');
		await once(server, 'listening');
		return (server.address() as AddressInfo).port;
	};
	const ports = [
		await portOf(servers[0]),
		await portOf(servers[1]),
		await portOf(servers[2])
	] as const;
	for (const server of servers) server.close();
	return [...ports];
}
