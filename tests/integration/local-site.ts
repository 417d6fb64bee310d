import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { layReadyCluster } from '#lib/server/testing/ready-cluster.ts';
import { startChild } from '../../dev/child.ts';
import type { LocalNetwork } from '../../dev/network/start-network.ts';
import { startTestNetwork } from '../../dev/testing/test-network.ts';
import { freePort } from '../free-port.ts';

/** The built application as a process of its own, on a real network, over real HTTP. */
export interface LocalSite {
	url: string;
	network: LocalNetwork;
	networkDir: string;
	dataDir: string;
	/** what it was started with */
	env: NodeJS.ProcessEnv;
	/** what it has written so far */
	output(): string;
	/** ends the application alone; `close` is called all the same */
	stop(): Promise<void>;
	close(): Promise<void>;
}

const READY_LIMIT_MS = 60_000;

/** What is otherwise in its environment; perhaps because of who there is. */
type Changes = Record<string, string> | ((network: LocalNetwork) => Record<string, string>);

/** Starts it in some three seconds; `vite build` must have run. Call `close` in `after`. */
export async function startLocalSite(changes: Changes = {}): Promise<LocalSite> {
	if (!existsSync('build/handler.js')) throw new Error('run npx vite build first');
	const dir = await mkdtemp(path.join(tmpdir(), 'plyr-site-'));
	// the database of a test run by root is another user's
	await chmod(dir, 0o711);
	const networkDir = path.join(dir, 'network');
	const dataDir = path.join(dir, 'data');
	const [network, port] = await Promise.all([
		startTestNetwork({ dir: networkDir }),
		freePort(),
		layReadyCluster(path.join(dataDir, 'postgres'))
	]);
	const url = `http://127.0.0.1:${port}`;
	const env = {
		PATH: process.env['PATH'],
		NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
		PORT: String(port),
		DATA_DIR: dataDir,
		LOG_LEVEL: 'debug',
		ATPROTO_APP_NAMESPACE: 'fm.plyr.dev',
		ATPROTO_PLC_URL: network.plcUrl,
		ATPROTO_HANDLE_RESOLVER_URL: network.pdsUrl,
		DEV_ALLOW_INSECURE_NETWORK: 'true',
		APP_STOP_ON_STDIN_END: 'true',
		...(typeof changes === 'function' ? changes(network) : changes)
	};
	const closeAround = async () => {
		await network.stop();
		await rm(dir, { recursive: true, force: true });
	};
	const app = await startApplication(env, url).catch(async (cause: unknown) => {
		await closeAround();
		throw cause;
	});
	const close = async () => {
		await app.stop();
		await closeAround();
	};
	return { url, network, networkDir, dataDir, env, ...app, close };
}

/** The application alone, with what it finds in its environment. */
export async function startApplication(
	env: NodeJS.ProcessEnv,
	url: string
): Promise<Pick<LocalSite, 'output' | 'stop'>> {
	const app = startChild(['src/server.ts'], env);
	let output = '';
	for (const stream of [app.stdout, app.stderr]) {
		stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
	}
	const stop = async () => {
		await app.stop(6_000);
	};
	const answered = new AbortController();
	try {
		const stopped = app.exited.then(({ code }) => {
			throw new Error(`it stopped with ${code}`);
		});
		await Promise.race([waitUntilItAnswers(url, answered.signal), stopped]);
		stopped.catch(() => undefined);
	} catch (cause) {
		await stop();
		throw new Error(`the application did not start: ${output.slice(-3_000)}`, { cause });
	} finally {
		answered.abort();
	}
	return { output: () => output, stop };
}

/** @param over nobody waits any more */
async function waitUntilItAnswers(url: string, over: AbortSignal): Promise<void> {
	const endsAt = Date.now() + READY_LIMIT_MS;
	while (!over.aborted) {
		try {
			if ((await fetch(`${url}/health`, { signal: AbortSignal.timeout(5_000) })).ok) return;
		} catch (cause) {
			// it does not listen yet
			if (Date.now() > endsAt) throw cause;
		}
		await sleep(50);
	}
}
