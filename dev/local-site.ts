import path from 'node:path';
import { AppLog } from './app-log.ts';
import { keepLocalEnvironment } from './local-environment.ts';
import { assertPortIsFree, wishedPort } from './app-port.ts';
import { runPublicSite } from './public-site.ts';
import { startApp } from './app.ts';
import { ensureFfmpeg } from './ffmpeg.ts';
import type { Lifetime } from './lifetime.ts';
import { spawnNetwork, type LocalNetwork, type NetworkProcess } from './network/start-network.ts';
import { claimDataDir } from './only-start.ts';
import { Problem } from './problem.ts';
import { publishSamples } from './samples/publish-samples.ts';
import { say } from './say.ts';

/** How the app itself is run on a developer's machine. */
export type LocalApp = {
	/** what must have happened before it can start */
	prepare(lifetime: Lifetime): Promise<void>;
	/** arguments of its Node process, given its port */
	args(port: number): string[];
	env: NodeJS.ProcessEnv;
	/** lines of its output that are not log lines appear on the terminal */
	showsText: boolean;
};

/** By number: the PDS leads back to 127.0.0.1, and a cookie of localhost is not there. */
const LOOPBACK = '127.0.0.1';

function startNetworkFor(lifetime: Lifetime, dataDir: string, port: number): NetworkProcess {
	const network = spawnNetwork({
		dir: path.join(dataDir, 'network'),
		plcPort: port + 1,
		pdsPort: port + 2,
		avoidPorts: [port]
	});
	lifetime.onEnd(network.stop);
	void network.child.exited.then(() =>
		lifetime.fail(new Problem('the local network has stopped by itself; start again'))
	);
	return network;
}

async function environmentFor(
	network: NetworkProcess,
	port: number,
	ffmpeg: string | undefined,
	app: LocalApp
): Promise<NodeJS.ProcessEnv> {
	const { pdsUrl, plcUrl } = await network.addresses;
	return {
		...app.env,
		...(ffmpeg ? { FFMPEG_PATH: ffmpeg } : {}),
		ATPROTO_APP_NAMESPACE: 'fm.plyr.dev',
		ATPROTO_PLC_URL: plcUrl,
		ATPROTO_HANDLE_RESOLVER_URL: pdsUrl,
		DEV_ALLOW_INSECURE_NETWORK: 'true',
		HOST: LOOPBACK,
		// what the person has set wins, except how we hold the process
		...process.env,
		PORT: String(port),
		APP_STOP_ON_STDIN_END: 'true'
	};
}

function sayHowToSignIn(url: string, { accounts }: LocalNetwork, log: AppLog): void {
	const [first, ...others] = accounts.map(({ handle, password }) => ({ handle, password }));
	say(`\nplyr.fm is at ${url}`);
	say(`sign in as ${first?.handle} with the password ${first?.password}`);
	say(`or as ${others.map(({ handle, password }) => `${handle} / ${password}`).join(', ')}`);
	say(`its log is ${path.relative('.', log.file)}. ctrl-c stops everything`);
}

/**
 * The whole product on this machine: a local network, the app with its database and transcoder, and
 * on the first start the sample catalogue. Everything lives in DATA_DIR and ends with us.
 */
export async function runLocalSite(lifetime: Lifetime, app: LocalApp): Promise<number | undefined> {
	const port = wishedPort();
	if (port === undefined) return await runPublicSite(lifetime, undefined);
	const url = `http://${LOOPBACK}:${port}`;
	const dataDir = path.resolve(process.env['DATA_DIR'] || '.data');
	await assertPortIsFree(port, process.env['HOST'] || LOOPBACK);
	await claimDataDir(dataDir, url);
	say('starting…');
	const network = startNetworkFor(lifetime, dataDir, port);
	const [ffmpeg] = await Promise.all([ensureFfmpeg(lifetime), app.prepare(lifetime)]);
	if (lifetime.isEnding()) return;
	const log = new AppLog(dataDir, app.showsText);
	const env = await environmentFor(network, port, ffmpeg, app);
	await keepLocalEnvironment(dataDir, env);
	const [local] = await Promise.all([
		network.ready,
		startApp(lifetime, { args: app.args(port), env, url, log })
	]);
	if (local.movedAccounts > 0) {
		say('the port of the PDS was taken, so it has a new address: everybody signs in again');
	}
	await publishSamples(lifetime, { url, dataDir, ffmpeg, accounts: local.accounts });
	if (!lifetime.isEnding()) sayHowToSignIn(url, local, log);
}
