import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** An address that a proxy listens at, and the servers it stands before. */
export interface ProxiedSite {
	port: number;
	servers: readonly number[];
	/** the first is asked while it is there; else all of them */
	isPinned: boolean;
}

const START_LIMIT_MS = 10_000;

/** Runs a program until it listens at all of the ports; it ends with this process. @returns how to stop it */
export async function runGuarded(
	command: readonly string[],
	ports: readonly number[],
	env: NodeJS.ProcessEnv = process.env
): Promise<() => Promise<void>> {
	// the guard ends it when the pipe to this process closes, even after a kill -9
	const guard = spawn(
		'/bin/sh',
		[
			'-c',
			'"$@" </dev/null & child=$!; cat >/dev/null; kill -KILL $child; wait $child',
			...['guard', ...command]
		],
		{ stdio: ['pipe', 'ignore', 'ignore'], env }
	);
	const exited = once(guard, 'exit');
	const deadline = Date.now() + START_LIMIT_MS;
	for (const port of ports) {
		while (!(await listens(port))) {
			if (Date.now() > deadline) throw new Error(`${command[0]} does not listen`);
			await sleep(50);
		}
	}
	return async () => {
		guard.stdin.destroy();
		await exited;
	};
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
