import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type ProxiedSite, runGuarded } from './guarded.ts';

const PROGRAM = '/usr/sbin/haproxy';

/** Starts the HAProxy of the machine with deploy/haproxy.cfg, without a certificate. @returns how to stop it */
export async function startHaproxy(
	sites: readonly ProxiedSite[],
	dir: string
): Promise<() => Promise<void>> {
	const [common = '', ...parts] = readFileSync('deploy/haproxy.cfg', 'utf8').split(
		/^(?=(?:frontend|backend|listen) )/m
	);
	const ofSite = parts.slice(1).join('');
	const file = path.join(dir, 'haproxy.cfg');
	await writeFile(file, [common, ...sites.map((one) => configuration(ofSite, one))].join('\n'));
	const ports = sites.map(({ port }) => port);
	return await runGuarded([PROGRAM, '-db', '-q', '-f', file], ports);
}

function configuration(ofSite: string, { port, servers, isPinned }: ProxiedSite): string {
	const to = servers.map((one) => `\tserver at_${one} 127.0.0.1:${one}`).join('\n');
	const changes: [string | RegExp, string][] = [
		[/^(frontend|backend|listen|\tdefault_backend) (\w+)$/gm, `$1 $2_${port}`],
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
