import { spawn, type ChildProcess } from 'node:child_process';
import { BoundedLines } from './bounded-lines.ts';

/**
 * Runs "$@" so that it cannot outlive this process, whatever kills it: standard input is a pipe
 * only this process holds, and its end makes a watcher kill the program. The shell stays to reap
 * both, so that nothing is left behind where process 1 does not reap (a container without init),
 * and to end what the program itself started (it may be a script around the real one).
 * The limits, which what it starts cannot raise (setrlimit(2), as prlimit(1) sets them): no core
 * dumps, $1 blocks of 512 bytes per written file, $2 KiB of memory, $3 KiB of addresses, $4 open
 * files, $5 seconds of processor time, should nobody be left to watch the clock.
 */
const WATCHDOG = `
exec 3<&0
ulimit -c 0 2>/dev/null
ulimit -f "$1" 2>/dev/null
ulimit -d "$2" 2>/dev/null
ulimit -v "$3" 2>/dev/null
ulimit -n "$4" 2>/dev/null
ulimit -t "$5" 2>/dev/null
shift 5
"$@" 3<&- </dev/null & program=$!
(read -r _ <&3; kill -KILL $program) >/dev/null 2>&1 & watcher=$!
wait $program; code=$?
kill -KILL $watcher 2>/dev/null
wait $watcher 2>/dev/null
trap '' TERM; kill -TERM 0
exit $code
`;

/** A tag of 200 MB makes ffmpeg 5.1 grow to 650 MB; music needs less than 100. */
const MAX_MEMORY_KIB = 512 * 1024;
/** What is mapped but not used counts here: ffmpeg's libraries, and the stacks of its threads. */
const MAX_ADDRESSES_KIB = 2 * 1024 * 1024;
/** One file is read, one is written; the rest are libraries. */
const MAX_OPEN_FILES = 64;
const MAX_STDERR_LINE_BYTES = 2048;
const KEPT_STDERR_LINES = 40;
const FORCED_KILL_AFTER_MS = 1000;
const BLOCK_BYTES = 512;
const FIRST_SIGNAL_CODE = 128;

export interface ChildRun {
	/** Absolute path of the program. */
	command: string;
	args: readonly string[];
	/** Aborting kills the program at once; its reason is what the run rejects with. */
	signal: AbortSignal;
	/** The program is killed when a file it writes would grow beyond this. */
	maxFileBytes: number;
	/** The program is killed when it has used so much of the processor, all its threads together. */
	maxCpuSeconds: number;
	onStdout?: (chunk: Buffer) => void;
	onStderrLine?: (line: string) => void;
}

export interface ChildResult {
	exitCode: number;
	/** Killed by a signal nobody here sent, such as at a limit. */
	crashed: boolean;
	/** The last lines of standard error, each cut at 2 KiB. */
	stderrTail: readonly string[];
}

function childEnvironment(): Record<string, string> {
	const { PATH, LD_LIBRARY_PATH } = process.env;
	return {
		...(PATH === undefined ? {} : { PATH }),
		...(LD_LIBRARY_PATH === undefined ? {} : { LD_LIBRARY_PATH }),
		LC_ALL: 'C',
		AV_LOG_FORCE_NOCOLOR: '1'
	};
}

function killGroup(pid: number | undefined): void {
	if (pid === undefined) return;
	try {
		process.kill(-pid, 'SIGKILL');
	} catch (error) {
		// ESRCH: it has ended by itself meanwhile.
		if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
	}
}

function asError(reason: unknown): Error {
	return reason instanceof Error ? reason : new Error(String(reason));
}

/** Ends the program by the watchdog, and the watchdog itself when that is not quick. */
function stop(child: ChildProcess): NodeJS.Timeout {
	child.stdin?.destroy();
	return setTimeout(() => killGroup(child.pid), FORCED_KILL_AFTER_MS);
}

function collectStderr(child: ChildProcess, run: ChildRun): string[] {
	const tail: string[] = [];
	const lines = new BoundedLines(MAX_STDERR_LINE_BYTES, (line) => {
		run.onStderrLine?.(line);
		tail.push(line);
		if (tail.length > KEPT_STDERR_LINES) tail.shift();
	});
	child.stderr?.on('data', (chunk: Buffer) => lines.push(chunk));
	child.stderr?.on('end', () => lines.end());
	return tail;
}

/**
 * Runs a program to its end with bounded memory on both sides.
 *
 * Resolves with any exit code. Rejects with the reason of `signal` when aborted, only after the
 * program is gone, so that its files can be removed; and with a system error when it cannot start.
 */
export function runChild(run: ChildRun): Promise<ChildResult> {
	return new Promise((resolve, reject) => {
		run.signal.throwIfAborted();
		const fileBlocks = String(Math.ceil(run.maxFileBytes / BLOCK_BYTES));
		const limits = [
			...[fileBlocks, String(MAX_MEMORY_KIB), String(MAX_ADDRESSES_KIB)],
			...[String(MAX_OPEN_FILES), String(run.maxCpuSeconds)]
		];
		const child = spawn(
			'/bin/sh',
			['-c', WATCHDOG, 'plyr-watchdog', ...limits, run.command, ...run.args],
			// A group of its own, so that a Ctrl-C meant for the service reaches only the service.
			{ stdio: ['pipe', 'pipe', 'pipe'], detached: true, env: childEnvironment(), cwd: '/' }
		);
		const stderrTail = collectStderr(child, run);
		child.stdout.on('data', run.onStdout ?? (() => undefined));
		let forcedKill: NodeJS.Timeout | undefined;
		const onAbort = (): void => {
			forcedKill = stop(child);
		};
		run.signal.addEventListener('abort', onAbort, { once: true });
		const settle = (): void => {
			clearTimeout(forcedKill);
			run.signal.removeEventListener('abort', onAbort);
		};
		child.on('error', (error) => {
			settle();
			reject(error);
		});
		child.on('close', (code) => {
			settle();
			if (run.signal.aborted) {
				reject(asError(run.signal.reason));
				return;
			}
			const exitCode = code ?? FIRST_SIGNAL_CODE;
			resolve({ exitCode, crashed: exitCode >= FIRST_SIGNAL_CODE, stderrTail });
		});
	});
}
