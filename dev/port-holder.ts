import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export type PortHolder = { pid: number; command: string };

const LISTENING = '0A';

/** Inodes of the sockets that listen on a port, from the kernel's tables (proc(5)). */
function listeningInodes(port: number): Set<string> {
	const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
	const inodes = new Set<string>();
	for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
		for (const line of readLines(table)) {
			const fields = line.trim().split(/\s+/);
			const [, local = '', , state] = fields;
			if (state === LISTENING && local.endsWith(`:${hexPort}`)) inodes.add(fields[9] ?? '');
		}
	}
	return inodes;
}

function readLines(file: string): string[] {
	try {
		return readFileSync(file, 'utf8').split('\n').slice(1);
	} catch {
		// without IPv6 there is no table for it
		return [];
	}
}

/** Other people's processes hide what they have open: they are passed over. */
function listOrNothing(directory: string): string[] {
	try {
		return readdirSync(directory);
	} catch {
		return [];
	}
}

function holdsOne(pid: string, inodes: Set<string>): boolean {
	return listOrNothing(`/proc/${pid}/fd`).some((descriptor) => {
		try {
			const [, inode = ''] =
				/^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${descriptor}`)) ?? [];
			return inodes.has(inode);
		} catch {
			return false;
		}
	});
}

/** Which process listens on a port; undefined when it may not be seen, or nobody does. */
export function findPortHolder(port: number): PortHolder | undefined {
	const inodes = listeningInodes(port);
	if (inodes.size === 0) return undefined;
	const pids = listOrNothing('/proc').filter((name) => /^\d+$/.test(name));
	const pid = pids.find((candidate) => holdsOne(candidate, inodes));
	if (pid === undefined) return undefined;
	const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
	return { pid: Number(pid), command };
}
