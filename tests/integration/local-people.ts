import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Oauth, openOauth } from '#lib/server/atproto/oauth.ts';
import type { SignedIn } from '#lib/server/atproto/sign-ins.ts';
import { type Config, readConfig } from '#lib/server/config.ts';
import { createLogger } from '#lib/server/log.ts';
import type { Secrets } from '#lib/server/secrets.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { unseen } from '#lib/server/testing/unseen.ts';
import { walkAuthorization } from '../../dev/network/fetch-login.ts';
import type { LocalNetwork } from '../../dev/network/start-network.ts';
import { startTestNetwork } from '../../dev/testing/test-network.ts';

/** A real PDS with three people, and a real database: what signing in needs. */
export interface LocalPeople {
	network: LocalNetwork & { stop(): Promise<void> };
	/** where the network keeps its files */
	networkDir: string;
	database: TestDatabase;
	config: Config;
	secrets: Secrets;
	/** every line the application logged */
	logged: string[];
	oauth: Oauth;
	didOf(name: string): string;
	/** another client on the same database, with other settings */
	open(changes?: { config?: Partial<Config>; secrets?: Secrets }): Promise<Oauth>;
	close(): Promise<void>;
}

/** Starts both, in some two seconds. Call `close` in `after`. */
export async function startLocalPeople(): Promise<LocalPeople> {
	const networkDir = await mkdtemp(path.join(tmpdir(), 'plyr-people-'));
	const [network, database] = await Promise.all([
		startTestNetwork({ dir: networkDir }),
		openTestDatabase()
	]);
	const config = configFor(network);
	const secrets: Secrets = { encryptionKeys: [randomBytes(32)], clientKeys: [] };
	const logged: string[] = [];
	const log = createLogger('debug', (line) => logged.push(line));
	const open: LocalPeople['open'] = (changes = {}) =>
		openOauth({
			config: { ...config, ...changes.config },
			secrets: changes.secrets ?? secrets,
			log,
			db: database.db,
			locks: database.locks,
			...unseen()
		});
	return {
		network,
		networkDir,
		database,
		config,
		secrets,
		logged,
		oauth: await open(),
		didOf: (name) =>
			network.accounts.find(({ handle }) => handle === `${name}.test`)?.did ?? 'did:plc:unknown',
		open,
		async close() {
			await network.stop();
			await database.close();
			await rm(networkDir, { recursive: true, force: true });
		}
	};
}

/** The configuration of a development site on that network. */
export const configFor = (network: { pdsUrl: string; plcUrl: string }): Config =>
	readConfig({
		PORT: '3999',
		ATPROTO_APP_NAMESPACE: 'fm.plyr.dev',
		ATPROTO_PLC_URL: network.plcUrl,
		ATPROTO_HANDLE_RESOLVER_URL: network.pdsUrl,
		DEV_ALLOW_INSECURE_NETWORK: 'true'
	});

/** Signs one of the local people in, through the real pages of their PDS. */
export async function signInAs(
	oauth: Oauth,
	name: 'alice' | 'bob' | 'carol',
	returnTo = '/'
): Promise<SignedIn> {
	const binding = randomBytes(32).toString('base64url');
	const url = await oauth.authorize(`${name}.test`, { returnTo, binding });
	const consent = { username: `${name}.test`, password: `${name}-pass` };
	const { searchParams } = await walkAuthorization(url, consent);
	return oauth.callback(searchParams, binding);
}
