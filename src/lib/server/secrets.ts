import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from './config.ts';

/** Keys that must survive a restart, or everybody is signed out. */
export interface Secrets {
	/** 32 bytes each; the first encrypts, all of them decrypt */
	encryptionKeys: Buffer[];
	/** private JWKs of the confidential OAuth client; the first signs */
	clientKeys: JsonWebKeyWithId[];
}

export type JsonWebKeyWithId = JsonWebKey & { kid: string };

/**
 * The keys given in the environment, or those made on the first start and kept beside the
 * embedded data (mode 0600). `readConfig` has already refused an external database without keys.
 * @param onMade told of the folder of keys that were made just now: nobody has a copy yet
 */
export async function readSecrets(
	config: Config,
	onMade: (dir: string) => void = () => undefined
): Promise<Secrets> {
	const made = () => onMade(dir);
	const dir = keysDir(config);
	const encryption =
		config.oauthEncryptionKeys.length > 0
			? config.oauthEncryptionKeys
			: (await keep(dir, ENCRYPTION_FILE, newEncryptionKey, made)).split(/\s+/);
	const client =
		config.oauthClientKeys ??
		(config.database.url === undefined
			? await keep(dir, CLIENT_FILE, () => JSON.stringify([makeClientKey()]))
			: '[]');
	return {
		encryptionKeys: encryption.map((key) => Buffer.from(key, 'base64')),
		clientKeys: JSON.parse(client) as JsonWebKeyWithId[]
	};
}

const ENCRYPTION_FILE = 'oauth-encryption.key';
const CLIENT_FILE = 'oauth-client.json';

/** Where those are kept that were made here. */
export const keysDir = ({ dataDir }: Config) => path.join(dataDir, 'keys');

/** 32 random bytes in base64. */
export const newEncryptionKey = (): string => randomBytes(32).toString('base64');

/** Tells keys apart and tells nothing about them: 16 hex characters. */
export const keyFingerprint = (key: Buffer): string =>
	createHash('sha256').update('plyr key fingerprint').update(key).digest('hex').slice(0, 16);

/** Whether the site has keys; without, `readSecrets` makes some. */
export const hasSecrets = (config: Config): boolean =>
	config.oauthEncryptionKeys.length > 0 || existsSync(path.join(keysDir(config), ENCRYPTION_FILE));

/** Keeps the keys of a site that has none, as if it had made them. */
export async function keepSecrets(config: Config, secrets: Secrets): Promise<void> {
	const dir = keysDir(config);
	const encryption = secrets.encryptionKeys.map((key) => key.toString('base64')).join('\n');
	await keep(dir, ENCRYPTION_FILE, () => encryption);
	if (secrets.clientKeys.length === 0) return;
	await keep(dir, CLIENT_FILE, () => JSON.stringify(secrets.clientKeys));
}

/**
 * Writes the kept encryption keys anew, the one that encrypts first. Processes that run learn of them
 * when they start again.
 * @throws Error when the keys are given in the environment: then they are changed there
 */
export async function keepEncryptionKeys(config: Config, keys: Buffer[]): Promise<void> {
	if (config.oauthEncryptionKeys.length > 0) {
		throw new Error('the keys are given in OAUTH_ENCRYPTION_KEY, and are changed there');
	}
	const file = path.join(keysDir(config), ENCRYPTION_FILE);
	const draft = `${file}.${randomBytes(6).toString('hex')}.new`;
	const handle = await open(draft, 'wx', 0o600);
	try {
		await handle.writeFile(keys.map((key) => key.toString('base64')).join('\n') + '\n');
		await handle.sync();
	} finally {
		await handle.close();
	}
	await rename(draft, file);
}

/** Reads a kept secret or makes it; of two processes that both make it, one wins and both use its value. */
async function keep(
	dir: string,
	name: string,
	make: () => string,
	onMade: () => void = () => undefined
): Promise<string> {
	const file = path.join(dir, name);
	await mkdir(dir, { recursive: true, mode: 0o700 });
	try {
		const handle = await open(file, 'wx', 0o600);
		try {
			await handle.writeFile(make());
			await handle.sync();
		} finally {
			await handle.close();
		}
		onMade();
	} catch (cause) {
		if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw cause;
	}
	return (await readFile(file, 'utf8')).trim();
}

/** A new private key of the OAuth client, on P-256. */
export function makeClientKey(): JsonWebKeyWithId {
	const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
	const kid = `${new Date().toISOString().slice(0, 10)}-${randomBytes(4).toString('hex')}`;
	return { ...privateKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' };
}
