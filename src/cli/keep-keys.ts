import { existsSync, readdirSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { readConfig } from '#lib/server/config.ts';
import {
	hasSecrets,
	keepSecrets,
	keyFingerprint,
	keysDir,
	readSecrets,
	type Secrets
} from '#lib/server/secrets.ts';
import { CommandError, fileFrom, type Terminal } from './command.ts';

const NAMES = ['OAUTH_ENCRYPTION_KEY', 'OAUTH_CLIENT_KEYS'] as const;

/**
 * The keys of the site as two lines, which an environment takes as well: to be put away.
 * @param file `-`: where everything goes that is said
 */
export async function exportKeys(terminal: Terminal, file: string): Promise<number> {
	const config = readConfig(terminal.env);
	if (!hasSecrets(config)) {
		throw new CommandError(
			`there are no keys in ${keysDir(config)}: a site makes them at its start`
		);
	}
	const secrets = await readSecrets(config);
	const lines = `OAUTH_ENCRYPTION_KEY=${encoded(secrets)}\nOAUTH_CLIENT_KEYS=${JSON.stringify(secrets.clientKeys)}\n`;
	if (file === '-') {
		(terminal.output ?? process.stdout).write(lines);
		return 0;
	}
	const target = fileFrom(terminal, file);
	const handle = await open(target, 'wx', 0o600).catch((cause: unknown) => {
		throw new CommandError(`${target} cannot be written: ${reason(cause)}`, { cause });
	});
	try {
		await handle.writeFile(lines);
		await handle.sync();
	} finally {
		await handle.close();
	}
	terminal.say(
		`the keys are in ${target} (${fingerprints(secrets)}): whoever reads it can act for everybody`
	);
	return 0;
}

/**
 * Keeps keys that were put away where a site that has none looks for them, for its user alone.
 * @param file `-`: what is sent here
 */
export async function importKeys(terminal: Terminal, file: string): Promise<number> {
	const config = readConfig(terminal.env);
	if (config.oauthEncryptionKeys.length > 0 || config.oauthClientKeys !== undefined) {
		throw new CommandError(
			'the keys of this site are given in its environment: give it those there'
		);
	}
	const given = read(await textOf(terminal, file), terminal.env);
	const dir = keysDir(config);
	if (existsSync(dir) && readdirSync(dir).length > 0) {
		const isSame = hasSecrets(config) && encoded(await readSecrets(config)) === encoded(given);
		if (!isSame) throw new CommandError(`there are other keys in ${dir}: move them away first`);
		terminal.say(`these keys are in ${dir} already (${fingerprints(given)})`);
		return 0;
	}
	await keepSecrets(config, given);
	terminal.say(`the keys are in ${dir} (${fingerprints(given)})`);
	return 0;
}

async function textOf(terminal: Terminal, file: string): Promise<string> {
	if (file === '-') return await text(terminal.input ?? process.stdin);
	return await readFile(fileFrom(terminal, file), 'utf8').catch((cause: unknown) => {
		throw new CommandError(`the keys cannot be read: ${reason(cause)}`, { cause });
	});
}

/** @throws CommandError, ConfigError for what are no keys */
function read(lines: string, env: NodeJS.ProcessEnv): Secrets {
	const found: NodeJS.ProcessEnv = {};
	for (const name of NAMES) {
		found[name] = new RegExp(`^${name}=(.+)$`, 'm').exec(lines)?.[1]?.trim();
		if (found[name] === undefined) {
			throw new CommandError(`there is no ${name}=… in it: is it what plyr keys export wrote?`);
		}
	}
	const { oauthEncryptionKeys, oauthClientKeys = '[]' } = readConfig({ ...env, ...found });
	return {
		encryptionKeys: oauthEncryptionKeys.map((key) => Buffer.from(key, 'base64')),
		clientKeys: JSON.parse(oauthClientKeys) as Secrets['clientKeys']
	};
}

const encoded = ({ encryptionKeys }: Secrets): string =>
	encryptionKeys.map((key) => key.toString('base64')).join(',');

const fingerprints = ({ encryptionKeys }: Secrets): string =>
	`key ${encryptionKeys.map(keyFingerprint).join(', ')}`;

const reason = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
