import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';

export type Exit = { code: number | null; signal: NodeJS.Signals | null };

/** A process that belongs to this one: it watches its standard input and ends when that ends. */
export type Child = {
	pid: number;
	stdout: Readable;
	stderr: Readable;
	/** resolves however it ends, never rejects */
	exited: Promise<Exit>;
	/** what our death does to it */
	closeInput(): void;
	/** Asks it to stop and waits; what still runs after the limit is killed. */
	stop(limitMs: number): Promise<Exit>;
};

type Pipes = ChildProcess & { stdin: NonNullable<ChildProcess['stdin']> };

const exitOf = (process: ChildProcess): Promise<Exit> =>
	new Promise((resolve, reject) => {
		process.once('error', reject);
		process.once('exit', (code, signal) => resolve({ code, signal }));
	});

async function stopProcess(process: Pipes, exited: Promise<Exit>, limitMs: number) {
	process.stdin.end();
	process.kill('SIGTERM');
	const timer = setTimeout(() => process.kill('SIGKILL'), limitMs);
	const exit = await exited;
	clearTimeout(timer);
	return exit;
}

/** While a release is recorded, so is what its processes send (testing/record-queries.ts). */
const recording = (): NodeJS.ProcessEnv => {
	const { PLYR_RECORD_QUERIES, NODE_OPTIONS } = process.env;
	return PLYR_RECORD_QUERIES === undefined ? {} : { PLYR_RECORD_QUERIES, NODE_OPTIONS };
};

/**
 * Starts a Node program that ends with us: its standard input is a pipe we hold, so it sees the end
 * of it even when we die by SIGKILL. It runs in a process group of its own, so that Ctrl-C reaches
 * only us and we stop everything in order.
 */
export function startChild(args: string[], env: NodeJS.ProcessEnv = process.env): Child {
	const child = spawn(process.execPath, args, {
		env: { ...env, ...recording() },
		detached: true,
		stdio: ['pipe', 'pipe', 'pipe']
	});
	// it may be gone already when we close its input
	child.stdin.on('error', () => undefined);
	const exited = exitOf(child);
	return {
		pid: child.pid ?? 0,
		stdout: child.stdout,
		stderr: child.stderr,
		exited,
		closeInput: () => void child.stdin.end(),
		stop: (limitMs) => stopProcess(child, exited, limitMs)
	};
}
