import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeFileWhole } from './write-file-whole.ts';

/** What the app of a local network gets besides what the person has set; nothing secret. */
const NAMES = [
	'ATPROTO_APP_NAMESPACE',
	'ATPROTO_PLC_URL',
	'ATPROTO_HANDLE_RESOLVER_URL',
	'DEV_ALLOW_INSECURE_NETWORK',
	'FFMPEG_PATH',
	'HOST',
	'PORT'
] as const;

const fileIn = (dataDir: string) => path.join(dataDir, 'local-environment.json');

/** Keeps it beside the data, for commands that work with them. */
export async function keepLocalEnvironment(dataDir: string, env: NodeJS.ProcessEnv): Promise<void> {
	const kept = Object.fromEntries(NAMES.map((name) => [name, env[name]]));
	await writeFileWhole(fileIn(dataDir), JSON.stringify(kept, null, '\t') + '\n');
}

/** What was kept; nothing before the first start. */
export async function localEnvironment(dataDir: string): Promise<NodeJS.ProcessEnv> {
	try {
		return JSON.parse(await readFile(fileIn(dataDir), 'utf8')) as NodeJS.ProcessEnv;
	} catch (cause) {
		if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return {};
		throw cause;
	}
}
