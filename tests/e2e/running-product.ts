import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { layReadyCluster } from '#lib/server/testing/ready-cluster.ts';
import { startChild } from '../../dev/child.ts';
import { Lifetime } from '../../dev/lifetime.ts';
import type { LocalNetwork } from '../../dev/network/start-network.ts';
import { ensureBuilt } from '../../dev/sources.ts';
import { startTestNetwork } from '../../dev/testing/test-network.ts';
import { freePort } from '../free-port.ts';

const READY_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 6_000;

/** The product as people get it: built, with its database, its transcoder and a local network. */
export interface RunningProduct {
	url: string;
	network: LocalNetwork;
	dataDir: string;
	/** what it logged so far */
	log(): string;
	stop(): Promise<void>;
}

/** What went wrong in the product so far, for the message of a test that fails. */
export const errorsOf = (product: RunningProduct): string =>
	product
		.log()
		.split('\n')
		.filter((line) => /"level":"error"|"status":5\d\d/.test(line))
		.join('\n');

async function waitUntilReady(url: string, died: Promise<never>): Promise<void> {
	const giveUpAt = Date.now() + READY_LIMIT_MS;
	const isReady = async () => {
		try {
			return (await fetch(`${url}/ready`, { signal: AbortSignal.timeout(5_000) })).ok;
		} catch {
			return false;
		}
	};
	while (!(await Promise.race([isReady(), died]))) {
		if (Date.now() > giveUpAt) throw new Error('the product was not ready within a minute');
		await sleep(100);
	}
}

type Changes = Record<string, string> | ((network: LocalNetwork) => Record<string, string>);

/**
 * Builds it when the sources have changed, and starts it with empty folders.
 * @param changes to its environment
 */
export async function startProduct(changes: Changes = {}): Promise<RunningProduct> {
	await ensureBuilt(new Lifetime());
	const dir = await mkdtemp(path.join(tmpdir(), 'plyr-e2e-'));
	// the database of a test run by root is another user's
	await chmod(dir, 0o711);
	const dataDir = path.join(dir, 'data');
	const [network, port] = await Promise.all([
		startTestNetwork({ dir: path.join(dir, 'network') }),
		freePort(),
		layReadyCluster(path.join(dataDir, 'postgres'))
	]);
	const url = `http://127.0.0.1:${port}`;
	const app = startChild(['src/server.ts'], {
		...process.env,
		NODE_ENV: 'production',
		HOST: '127.0.0.1',
		PORT: String(port),
		DATA_DIR: dataDir,
		ATPROTO_APP_NAMESPACE: 'fm.plyr.dev',
		ATPROTO_PLC_URL: network.plcUrl,
		ATPROTO_HANDLE_RESOLVER_URL: network.pdsUrl,
		DEV_ALLOW_INSECURE_NETWORK: 'true',
		APP_STOP_ON_STDIN_END: 'true',
		...(typeof changes === 'function' ? changes(network) : changes)
	});
	let logged = '';
	app.stdout.setEncoding('utf8').on('data', (chunk: string) => (logged += chunk));
	const errors = text(app.stderr);
	const stop = async () => {
		await app.stop(STOP_LIMIT_MS);
		await network.stop();
		await rm(dir, { recursive: true, force: true });
	};
	const died = app.exited.then(async ({ code }): Promise<never> => {
		throw new Error(`the product stopped (${code}): ${await errors}\n${logged.slice(-4000)}`);
	});
	died.catch(() => undefined);
	try {
		await waitUntilReady(url, died);
	} catch (cause) {
		await stop();
		throw cause;
	}
	return { url, network, dataDir, log: () => logged, stop };
}
