import { readFileSync } from 'node:fs';
import { lstat, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'plyr-transcoder-';
const OWNER_FILE = 'owner.json';
/** proc(5): the start time is the 22nd field of /proc/<pid>/stat, the 20th after the name. */
const START_TIME_FIELD = 19;

/** Who made a folder: enough to tell a dead process from another one with the same pid. */
interface Owner {
	service: 'plyr-transcoder';
	hostname: string;
	bootId: string;
	pid: number;
	/** Clock ticks since boot. */
	startTime: string;
}

function bootId(): string {
	try {
		return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
	} catch {
		return '';
	}
}

/** null: no such process. Empty: it lives, and this system does not tell since when. */
function startTimeOf(pid: number): string | null {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
		return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[START_TIME_FIELD] ?? '';
	} catch {
		return isAlive(pid) ? '' : null;
	}
}

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		// EPERM: it lives and belongs to somebody else.
		return (error as NodeJS.ErrnoException).code !== 'ESRCH';
	}
}

function thisProcess(): Owner {
	const { pid } = process;
	return {
		service: 'plyr-transcoder',
		hostname: hostname(),
		bootId: bootId(),
		pid,
		startTime: startTimeOf(pid) ?? ''
	};
}

function isDead(owner: Owner): boolean {
	if (owner.bootId !== bootId()) return true;
	const startTime = startTimeOf(owner.pid);
	if (startTime === null) return true;
	return startTime !== '' && owner.startTime !== '' && startTime !== owner.startTime;
}

async function readOwner(folder: string): Promise<Owner | null> {
	try {
		const owner = JSON.parse(await readFile(join(folder, OWNER_FILE), 'utf8')) as Partial<Owner>;
		const { service, hostname: host, bootId: boot, pid, startTime } = owner;
		if (service !== 'plyr-transcoder' || typeof host !== 'string') return null;
		if (typeof boot !== 'string' || typeof startTime !== 'string') return null;
		if (!Number.isSafeInteger(pid) || pid === undefined || pid <= 0) return null;
		return { service, hostname: host, bootId: boot, pid, startTime };
	} catch {
		return null;
	}
}

/** Ours to remove: a real folder of this user and this machine whose process is dead. */
async function isLeftOver(folder: string): Promise<boolean> {
	const status = await lstat(folder).catch(() => null);
	if (status === null || !status.isDirectory()) return false;
	if (process.getuid !== undefined && status.uid !== process.getuid()) return false;
	const owner = await readOwner(folder);
	return owner !== null && owner.hostname === hostname() && isDead(owner);
}

function remove(folder: string): Promise<void> {
	return rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** The temp folders of one run of the service: one folder that says whose it is, one per request in it. */
export class TempFolders {
	/** The run's own folder, absolute. */
	readonly path: string;

	private constructor(path: string) {
		this.path = path;
	}

	/** Makes the run's folder below `baseFolder`, readable by this user only. */
	static async open(baseFolder: string): Promise<TempFolders> {
		const path = await mkdtemp(join(baseFolder, PREFIX));
		await writeFile(join(path, OWNER_FILE), JSON.stringify(thisProcess()), { mode: 0o600 });
		return new TempFolders(path);
	}

	/**
	 * Removes what killed runs left below `baseFolder`, and returns how many folders that were. A
	 * folder that cannot be proven to be ours and abandoned is left alone, also when it belongs to
	 * another machine that shares the disk.
	 */
	static async sweep(baseFolder: string): Promise<number> {
		const names = (await readdir(baseFolder)).filter((name) => name.startsWith(PREFIX));
		let removed = 0;
		for (const name of names) {
			const folder = join(baseFolder, name);
			if (!(await isLeftOver(folder))) continue;
			await remove(folder);
			removed += 1;
		}
		return removed;
	}

	/** Makes a folder for one request. */
	create(): Promise<string> {
		return mkdtemp(join(this.path, 'request-'));
	}

	/** Removes a request's folder and everything in it. */
	remove(folder: string): Promise<void> {
		return remove(folder);
	}

	/** Removes the run's folder and everything in it. */
	close(): Promise<void> {
		return remove(this.path);
	}
}
