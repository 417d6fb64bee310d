import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type ProxiedSite, runGuarded } from './guarded.ts';

/** Starts the Caddy of the machine with deploy/Caddyfile, without a certificate. @returns how to stop it */
export async function startCaddy(
	sites: readonly ProxiedSite[],
	dir: string
): Promise<() => Promise<void>> {
	const file = path.join(dir, 'Caddyfile');
	await writeFile(
		file,
		`{\n\tadmin off\n\tauto_https off\n}\n${sites.map(configuration).join('\n')}`
	);
	const env = { ...process.env, HOME: dir, XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir };
	const ports = sites.map(({ port }) => port);
	return await runGuarded(['caddy', 'run', '--adapter', 'caddyfile', '--config', file], ports, env);
}

function configuration({ port, servers, isPinned }: ProxiedSite): string {
	const [, ofSite = ''] = readFileSync('deploy/Caddyfile', 'utf8').split(/^(?=\{\$SITE\})/m);
	const to = servers.map((one) => `127.0.0.1:${one}`).join(' ');
	const changes: [string | RegExp, string][] = [
		['{$SITE}', `http://127.0.0.1:${port}`],
		[/dynamic a [^}]*\} 3000 \{[^}]*\}/, `to ${to}${isPinned ? '\n\t\tlb_policy first' : ''}`]
	];
	return changes.reduce((conf, [from, by]) => {
		const changed = conf.replace(from, by);
		assert.notEqual(changed, conf, String(from));
		return changed;
	}, ofSite);
}
