import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** An address that Caddy listens at, and the servers it stands before. */
export interface CaddySite {
	port: number;
	servers: readonly number[];
	/** the first is asked while it is there; else one by chance */
	isPinned: boolean;
}

const START_LIMIT_MS = 10_000;

/** Starts the Caddy of the machine with deploy/Caddyfile, without a certificate. @returns how to stop it */
export async function startCaddy(
	sites: readonly CaddySite[],
	dir: string
): Promise<() => Promise<void>> {
	const file = path.join(dir, 'Caddyfile');
	await writeFile(
		file,
		`{\n\tadmin off\n\tauto_https off\n}\n${sites.map(configuration).join('\n')}`
	);
	const env = { ...process.env, HOME: dir, XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir };
	// the guard ends it when the pipe to this process closes, even after a kill -9
	const guard = spawn(
		'/bin/sh',
		[
			'-c',
			'"$@" </dev/null & child=$!; cat >/dev/null; kill -KILL $child; wait $child',
			...['guard', 'caddy', 'run', '--adapter', 'caddyfile', '--config', file]
		],
		{ stdio: ['pipe', 'ignore', 'ignore'], env }
	);
	const exited = once(guard, 'exit');
	const deadline = Date.now() + START_LIMIT_MS;
	for (const { port } of sites) {
		while (!(await answers(port))) {
			if (Date.now() > deadline) throw new Error('caddy does not answer');
			await sleep(50);
		}
	}
	return async () => {
		guard.stdin.destroy();
		await exited;
	};
}

function configuration({ port, servers, isPinned }: CaddySite): string {
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

const answers = (port: number): Promise<boolean> =>
	fetch(`http://127.0.0.1:${port}/health`).then(
		({ ok }) => ok,
		() => false
	);
