import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type ProxiedSite, runGuarded } from './guarded.ts';

export const HAPROXY = '/usr/sbin/haproxy';

/** Starts the HAProxy of the machine with deploy/haproxy.cfg, without a certificate. @returns how to stop it */
export async function startHaproxy(
	sites: readonly ProxiedSite[],
	dir: string
): Promise<() => Promise<void>> {
	const file = await writeHaproxy(sites, dir);
	const ports = sites.map(({ port }) => port);
	return await runGuarded([HAPROXY, '-db', '-q', '-f', file], ports);
}

/** deploy/haproxy.cfg for these, without a certificate. @returns the file, within `dir` */
export async function writeHaproxy(sites: readonly ProxiedSite[], dir: string): Promise<string> {
	const [common = '', ...parts] = readFileSync('deploy/haproxy.cfg', 'utf8').split(
		/^(?=(?:frontend|backend) )/m
	);
	const ofSite = parts.slice(1).join('');
	const file = path.join(dir, 'haproxy.cfg');
	const shared = common.replace('/etc/haproxy/wait-for.lua', path.resolve('deploy/wait-for.lua'));
	assert.notEqual(shared, common);
	await writeFile(file, [shared, ...sites.map((one) => configuration(ofSite, one))].join('\n'));
	return file;
}

function configuration(ofSite: string, { port, servers, isPinned }: ProxiedSite): string {
	const to = servers.map((one) => `\tserver at_${one} 127.0.0.1:${one}`).join('\n');
	const changes: [string | RegExp, string][] = [
		[
			/^(frontend|backend|\tdefault_backend|\thttp-request lua\.wait_for) (\w+)$/gm,
			`$1 $2_${port}`
		],
		[/abns@(\S+)/g, `abns@$1-${port}`],
		[/bind :443 ssl .*/, `bind 127.0.0.1:${port}`],
		[/(?:^\tserver (?:one|two) .*\n)+/m, `${to}\n`],
		['balance leastconn', isPinned ? 'balance first' : 'balance  leastconn']
	];
	return changes.reduce((conf, [from, by]) => {
		const changed = conf.replace(from, by);
		assert.notEqual(changed, conf, String(from));
		return changed;
	}, ofSite);
}
