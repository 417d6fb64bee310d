import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** An address that HAProxy listens at, and the servers it stands before. */
export interface HaproxySite {
	port: number;
	servers: readonly number[];
	/** the first is asked while it is there; else all of them in turn */
	isPinned: boolean;
}

const PROGRAM = '/usr/sbin/haproxy';
const START_LIMIT_MS = 10_000;

/** Starts the HAProxy of the machine with deploy/haproxy.cfg, without a certificate. @returns how to stop it */
export async function startHaproxy(
	sites: readonly HaproxySite[],
	dir: string
): Promise<() => Promise<void>> {
	const [common = '', ...parts] = readFileSync('deploy/haproxy.cfg', 'utf8').split(
		/^(?=(?:frontend|backend|listen) )/m
	);
	const ofSite = parts.slice(1).join('');
	const file = path.join(dir, 'haproxy.cfg');
	await writeFile(file, [common, ...sites.map((one) => configuration(ofSite, one))].join('\n'));
	// the guard ends it when the pipe to this process closes, even after a kill -9
	const guard = spawn(
		'/bin/sh',
		[
			'-c',
			'"$@" </dev/null & child=$!; cat >/dev/null; kill -KILL $child; wait $child',
			...['guard', PROGRAM, '-db', '-q', '-f', file]
		],
		{ stdio: ['pipe', 'ignore', 'inherit'] }
	);
	const exited = once(guard, 'exit');
	const deadline = Date.now() + START_LIMIT_MS;
	for (const { port } of sites) {
		while (!(await listens(port))) {
			if (Date.now() > deadline) throw new Error('haproxy does not answer');
			await sleep(50);
		}
	}
	return async () => {
		guard.stdin.destroy();
		await exited;
	};
}

function configuration(ofSite: string, { port, servers, isPinned }: HaproxySite): string {
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

/** Whoever is behind it need not be there yet. */
async function listens(port: number): Promise<boolean> {
	const socket = connect(port, '127.0.0.1');
	try {
		await once(socket, 'connect');
		return true;
	} catch {
		return false;
	} finally {
		socket.destroy();
	}
}
