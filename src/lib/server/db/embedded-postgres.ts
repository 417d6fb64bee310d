import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { findHolder, waitForFormerHolder } from './cluster-holder.ts';
import type { DatabaseAddress } from './connect.ts';
import { findPostgresFiles } from './embedded-binaries.ts';

/** Whom PostgreSQL runs as: it refuses root. */
export interface RunAs {
	uid?: number;
	gid?: number;
}

export interface EmbeddedPostgres {
	address: Exclude<DatabaseAddress, string>;
	/** clean shutdown; resolves when the server is gone */
	stop(): Promise<void>;
}

/** Where this process and its database share so little, other things need it more. */
const SMALL_MACHINE_BYTES = 640 * 1024 * 1024;

/** By the limit of the container; without one a machine is not small. */
function isSmallMachine(): boolean {
	const limitBytes = process.constrainedMemory();
	return limitBytes > 0 && limitBytes <= SMALL_MACHINE_BYTES;
}

/** Small and private: one machine, one application, a unix socket and no network. */
const SETTINGS = {
	listen_addresses: '',
	shared_buffers: isSmallMachine() ? '16MB' : '32MB',
	max_connections: '40',
	max_parallel_workers: '0',
	max_worker_processes: '2',
	autovacuum_max_workers: '1',
	io_method: 'sync',
	jit: 'off',
	// a disk without moving parts, as servers have today
	random_page_cost: '1.1',
	wal_level: 'minimal',
	max_wal_senders: '0',
	max_logical_replication_workers: '0',
	max_wal_size: '256MB',
	log_min_messages: 'warning'
};

/**
 * A question takes some hundred kilobytes and lets go of them, and glibc would hand them back to the
 * kernel each time, to ask for them again at once: a tenth of what a search costs. Where memory is dear
 * it does so all the same.
 */
const MEMORY_KEPT: NodeJS.ProcessEnv = isSmallMachine()
	? {}
	: {
			MALLOC_TRIM_THRESHOLD_: '2097152',
			MALLOC_MMAP_THRESHOLD_: '1048576',
			MALLOC_TOP_PAD_: '262144'
		};

/**
 * Our end of a pipe is its standard input: when it ends, for whatever reason this process died,
 * the server gets its fast shutdown (SIGINT) and nothing is left running. A lock on the folder, which the
 * kernel holds for all containers, and lets go of with the last process that has it, keeps a second server
 * out of it whatever anybody has seen before.
 */
const WATCHDOG =
	'if command -v flock >/dev/null; then exec 9>>"$2/plyr.lock"; flock -w 3 9 || exit 73; fi; exec 3<&0; "$0" "$@" 3<&- & P=$!; trap "kill -INT $P" TERM INT; (cat >/dev/null <&3; kill -INT $P 2>/dev/null) 9>&- & wait $P';

const START_LIMIT_MS = 60_000;
/** sun_path of a unix socket holds 107 bytes, the socket's own name needs the rest */
const LONGEST_SOCKET_DIR = 85;
/** "nobody" on Linux */
const UNPRIVILEGED_ID = 65534;
/** where root's databases live when its own folders are closed to others */
const ROOTS_HOME = '/var/lib/plyr.fm';
const RESTART_PAUSE_MS = 500;

/**
 * Starts PostgreSQL below `dir`, making the cluster on the first start, and starts it again when
 * it stops without being asked to.
 * @param onLine gets every line the server writes to its log
 * @throws Error naming the holder when another process already uses the same folder
 */
export async function startEmbeddedPostgres(
	dir: string,
	onLine: (line: string) => void
): Promise<EmbeddedPostgres> {
	const runAs: RunAs =
		process.getuid?.() === 0 ? { uid: UNPRIVILEGED_ID, gid: UNPRIVILEGED_ID } : {};
	const home = reachableHome(path.resolve(dir), runAs);
	const files = findPostgresFiles(home, runAs);
	const cluster = path.join(home, 'cluster');
	const socketDir = chooseSocketDir(home);
	makePrivate(socketDir, runAs);
	if (!fs.existsSync(path.join(cluster, 'PG_VERSION'))) createCluster(files, cluster, runAs);
	await waitForFormerHolder(cluster, socketDir);

	const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
	const server = [path.join(files, 'bin/postgres'), '-D', cluster, '-k', socketDir, '-p', '5432'];
	const spawnServer = () => {
		const started = spawn('/bin/sh', ['-c', WATCHDOG, ...server, ...settings], {
			...runAs,
			env: { ...process.env, ...MEMORY_KEPT },
			detached: true,
			stdio: ['pipe', 'ignore', 'pipe']
		});
		createInterface({ input: started.stderr }).on('line', onLine);
		return started;
	};
	let child = spawnServer();
	const address = addressAt(socketDir);
	await waitUntilReady(child, address);

	let stopping = false;
	const restart = () => {
		if (stopping) return;
		onLine('the server stopped by itself and is started again');
		child = spawnServer();
		// a pause, or a server that cannot start would be started thousands of times
		child.once('exit', () => setTimeout(restart, RESTART_PAUSE_MS).unref());
	};
	child.once('exit', restart);
	return {
		address,
		stop: () => {
			stopping = true;
			return stopServer(child);
		}
	};
}

/**
 * The server another process runs below `dir`, also in another container, to work beside it; started here when there is none.
 * Only one that was started here ends with `stop`.
 */
export async function joinEmbeddedPostgres(
	dir: string,
	onLine: (line: string) => void
): Promise<EmbeddedPostgres> {
	const home = fs.existsSync(dir) ? fs.realpathSync(dir) : null;
	const socketDir = home === null ? '' : chooseSocketDir(home);
	if (home === null || (await findHolder(path.join(home, 'cluster'), socketDir)) === null) {
		return await startEmbeddedPostgres(dir, onLine);
	}
	const address = addressAt(socketDir);
	await waitUntilReady({ exitCode: null }, address);
	return { address, stop: () => Promise.resolve() };
}

const addressAt = (socketDir: string): EmbeddedPostgres['address'] => ({
	host: socketDir,
	port: 5432,
	user: 'plyr',
	database: 'postgres'
});

/**
 * The folder the database may use. Root's own folders (/root) are closed to the user PostgreSQL
 * has to run as; then the database lives in /var/lib/plyr.fm and `dir` is a link to it.
 */
function reachableHome(dir: string, runAs: RunAs): string {
	fs.mkdirSync(path.dirname(dir), { recursive: true });
	if (!isLink(dir)) {
		makePrivate(dir, runAs);
		if (canReach(dir, runAs)) return dir;
		fs.rmdirSync(dir);
		fs.mkdirSync(ROOTS_HOME, { recursive: true, mode: 0o755 });
		fs.symlinkSync(fs.mkdtempSync(path.join(ROOTS_HOME, 'postgres-')), dir);
	}
	const home = fs.realpathSync(dir);
	makePrivate(home, runAs);
	return home;
}

function isLink(file: string): boolean {
	return fs.lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

function canReach(dir: string, runAs: RunAs): boolean {
	return spawnSync('/bin/sh', ['-c', 'cd "$0"', dir], { ...runAs, stdio: 'ignore' }).status === 0;
}

function makePrivate(dir: string, runAs: RunAs): void {
	fs.mkdirSync(dir, { recursive: true, mode: 0o700 });
	if (runAs.uid !== undefined && runAs.gid !== undefined) fs.chownSync(dir, runAs.uid, runAs.gid);
}

function chooseSocketDir(home: string): string {
	const inside = path.join(home, 's');
	if (inside.length <= LONGEST_SOCKET_DIR) return inside;
	const hash = crypto.createHash('sha256').update(home).digest('hex').slice(0, 12);
	return path.join(os.tmpdir(), `plyr-pg-${hash}`);
}

function createCluster(files: string, cluster: string, runAs: RunAs): void {
	// made beside its place and renamed, so that a killed initdb leaves no half-made cluster
	const unfinished = `${cluster}.init`;
	fs.rmSync(unfinished, { recursive: true, force: true });
	const flags = ['-U', 'plyr', '--auth=trust', '-E', 'UTF8'];
	// the builtin provider sorts the same on every machine and after every system update
	const locale = ['--locale-provider=builtin', '--locale=C.UTF-8'];
	const made = spawnSync(path.join(files, 'bin/initdb'), ['-D', unfinished, ...flags, ...locale], {
		...runAs,
		encoding: 'utf8'
	});
	if (made.status !== 0) {
		throw new Error(`the embedded database could not be made: ${made.error ?? made.stderr}`);
	}
	fs.renameSync(unfinished, cluster);
}

async function waitUntilReady(
	child: Pick<ChildProcess, 'exitCode'>,
	address: EmbeddedPostgres['address']
) {
	const end = Date.now() + START_LIMIT_MS;
	for (;;) {
		if (child.exitCode !== null) {
			throw new Error(`the embedded database stopped while starting (exit ${child.exitCode})`);
		}
		const probe = postgres({ ...address, max: 1, connect_timeout: 5, onnotice: () => undefined });
		try {
			await probe`select 1`;
			return;
		} catch (cause) {
			if (Date.now() > end) {
				throw new Error('the embedded database did not become ready in a minute', { cause });
			}
			await sleep(25);
		} finally {
			await probe.end({ timeout: 0 });
		}
	}
}

function stopServer(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
	return new Promise((resolve) => {
		child.once('exit', () => resolve());
		child.stdin?.end();
	});
}
