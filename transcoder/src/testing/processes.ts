import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

function parentOf(pid: number): number | null {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
		return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
	} catch {
		return null;
	}
}

/** The pids of every living descendant of a process. */
export function descendantsOf(pid: number): number[] {
	const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
	const children = pids.filter((candidate) => parentOf(candidate) === pid);
	return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

/** Whether a process exists and is not a zombie. */
export function isRunning(pid: number): boolean {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
		return stat.slice(stat.lastIndexOf(')') + 2)[0] !== 'Z';
	} catch {
		return false;
	}
}

/** Whether a process is an ffmpeg at work, and not one asked for its version. */
export function isConverting(pid: number): boolean {
	try {
		const [program = '', ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
		return program.endsWith('/ffmpeg') && args.includes('-i');
	} catch {
		return false;
	}
}

/** One of the kB figures of /proc/<pid>/status in bytes, such as VmRSS or VmHWM. */
export function memoryBytes(pid: number, name: string): number {
	const status = readFileSync(`/proc/${pid}/status`, 'utf8');
	return 1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]);
}

/** Waits until `condition` holds; throws when it does not within the time. */
export async function until(
	what: string,
	condition: () => boolean | Promise<boolean>,
	limitMs = 5000
): Promise<void> {
	const endMs = performance.now() + limitMs;
	while (!(await condition())) {
		if (performance.now() > endMs) throw new Error(`not within ${limitMs} ms: ${what}`);
		await delay(20);
	}
}
