import { readFileSync, writeFileSync } from 'node:fs';

const MIB_IN_KIB = 1024;

/** Resident memory of a process, in MiB. */
export const residentMib = (pid: number): number => read(pid, 'VmRSS');

function read(pid: number, name: 'VmRSS' | 'VmHWM'): number {
	const line = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm');
	return Number(line.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / MIB_IN_KIB;
}

/** Watches the highest resident memory of a process from now on: the kernel keeps it, none is missed. */
export function watchPeak(pid: number): () => number {
	// proc(5): 5 resets the peak resident set size to the present one
	writeFileSync(`/proc/${pid}/clear_refs`, '5');
	return () => read(pid, 'VmHWM');
}

/** Processor time a process has used so far, in seconds (proc(5): utime and stime, 100 ticks a second). */
export function cpuSeconds(pid: number): number {
	const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
	// the second field is a name in brackets, which may contain anything
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	return (Number(fields[11]) + Number(fields[12])) / 100;
}
