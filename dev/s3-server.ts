import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/** A running S3 server on this machine. It forgets everything when it stops. */
export interface S3Server {
	/** `http://127.0.0.1:<port>`; use path-style addressing */
	endpoint: string;
	region: string;
	accessKeyId: string;
	secretAccessKey: string;
	/** Ends every process and removes all data. Calling it again does nothing. */
	stop(): Promise<void>;
}

const PROGRAMS = ['monmaptool', 'ceph', 'ceph-mon', 'ceph-osd', 'radosgw', 'radosgw-admin'];
const START_LIMIT_MS = 30_000;
const COMMAND_LIMIT_MS = 20_000;

/**
 * Runs a program until it ends or until our end of its standard input closes, which the kernel
 * does for us when this process is killed: no daemon outlives the test that started it.
 */
const GUARD =
	'exec 3<&0; "$@" </dev/null 3<&- & child=$!; ' +
	'(cat <&3; kill -KILL $child) >/dev/null 2>&1 & exec 3<&-; wait $child';

/** Removes a folder once our end of its standard input closes. */
const SWEEPER = 'cat >/dev/null; sleep 0.3; rm -rf "$1"; sleep 1; rm -rf "$1"';

/**
 * Says why no S3 server can be started here, with the command that changes it; null when one can.
 */
export function whyNoS3Server(): string | null {
	const missing = PROGRAMS.filter((program) => !onPath(program));
	if (missing.length === 0) return null;
	return `${missing.join(', ')} not found. install with: apt-get install -y radosgw ceph-mon ceph-osd`;
}

/**
 * Starts Ceph's S3 gateway (radosgw) with one monitor and one in-memory store, on free ports of
 * 127.0.0.1. Takes a second or two. There are no buckets yet.
 * @param options.dir an empty or absent folder for configuration and logs; it is removed by `stop`.
 *   A fresh temporary folder by default.
 * @throws Error naming the step and the end of its log
 */
export async function startS3Server(options: { dir?: string } = {}): Promise<S3Server> {
	const reason = whyNoS3Server();
	if (reason) throw new Error(reason);
	const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'plyr-s3-')));
	const guards: ChildProcess[] = [];
	let stopped: Promise<void> | undefined;
	const stop = () => (stopped ??= stopAll(guards, dir));
	try {
		for (const name of ['mon', 'osd', 'run', 'log']) {
			await mkdir(join(dir, name), { recursive: true });
		}
		guards.push(spawnGuard(['-c', SWEEPER, 'sweeper', dir], 'ignore'));
		const [monitorPort, gatewayPort] = await freePorts();
		const accessKeyId = randomUUID().replaceAll('-', '').slice(0, 20).toUpperCase();
		const secretAccessKey = randomUUID().replaceAll('-', '');
		await startCluster(dir, monitorPort, gatewayPort, guards);
		await run(dir, 'radosgw-admin', [
			...['-n', 'client.rgw', 'user', 'create', '--uid=plyr', '--display-name=plyr'],
			...[`--access-key=${accessKeyId}`, `--secret-key=${secretAccessKey}`]
		]);
		const gateway = await startDaemon(dir, 'radosgw', ['-n', 'client.rgw', '-f'], guards);
		const endpoint = `http://127.0.0.1:${gatewayPort}`;
		await untilAnswering(endpoint, gateway, join(dir, 'log', 'radosgw.out'));
		return { endpoint, region: 'us-east-1', accessKeyId, secretAccessKey, stop };
	} catch (cause) {
		await stop();
		throw cause;
	}
}

async function startCluster(
	dir: string,
	monitorPort: number,
	gatewayPort: number,
	guards: ChildProcess[]
): Promise<void> {
	const fsid = randomUUID();
	const osdId = randomUUID();
	const osdArgs = ['-i', '0', '-f'];
	const monmap = join(dir, 'monmap');
	await writeFile(join(dir, 'ceph.conf'), configuration(dir, fsid, monitorPort, gatewayPort));
	await run(dir, 'monmaptool', [
		...['--create', '--fsid', fsid, '--addv', 'a', `[v1:127.0.0.1:${monitorPort}]`, monmap]
	]);
	await run(dir, 'ceph-mon', ['-i', 'a', '--mkfs', '--monmap', monmap]);
	await startDaemon(dir, 'ceph-mon', ['-i', 'a', '-f'], guards);
	await retried(() => run(dir, 'ceph', ['osd', 'new', osdId]));
	await run(dir, 'ceph-osd', ['-i', '0', '--mkfs', '--osd-uuid', osdId]);
	let store = await startDaemon(dir, 'ceph-osd', osdArgs, guards);
	await retried(async () => {
		if (store.exitCode !== null) store = await startDaemon(dir, 'ceph-osd', osdArgs, guards);
		const state = await run(dir, 'ceph', ['osd', 'stat', '--format', 'json']);
		if (!/"num_up_osds":\s*1\b/.test(state)) throw new Error(`the store is not up: ${state}`);
	});
}

/** A monitor in its first moments turns commands and stores away ("wrong fsid", EPERM). */
async function retried(step: () => Promise<unknown>): Promise<void> {
	const deadline = Date.now() + START_LIMIT_MS;
	for (;;) {
		try {
			await step();
			return;
		} catch (cause) {
			if (Date.now() > deadline) throw cause;
			await new Promise((resolve) => setTimeout(resolve, 100));
		}
	}
}

// paxos_propose_interval: each new pool waits for one proposal; the default of 1 s makes a start
// take 11 s. memstore: no 8 GB block file and no wait for its formatting.
const configuration = (dir: string, fsid: string, monitorPort: number, gatewayPort: number) => `
[global]
fsid = ${fsid}
mon_host = v1:127.0.0.1:${monitorPort}
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
ms_bind_msgr2 = false
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
paxos_propose_interval = 0.05
osd_pool_default_size = 1
osd_pool_default_min_size = 1
mon_allow_pool_size_one = true
mon_warn_on_pool_no_redundancy = false
osd_crush_chooseleaf_type = 0
osd_pool_default_pg_num = 4
osd_pool_default_pgp_num = 4
rgw_rados_pool_pg_num_min = 4
osd_pool_default_pg_autoscale_mode = off
osd_objectstore = memstore
memstore_device_bytes = 4294967296
run_dir = ${dir}/run
admin_socket =
log_file = ${dir}/log/$name.log
pid_file =
[mon.a]
host = localhost
mon_addr = 127.0.0.1:${monitorPort}
mon_data = ${dir}/mon
[osd.0]
osd_data = ${dir}/osd
[client.rgw]
rgw_frontends = beast endpoint=127.0.0.1:${gatewayPort}
rgw_multipart_min_part_size = 5242880
rgw_thread_pool_size = 32
`;

/** Runs one command to its end and answers what it printed. */
async function run(dir: string, program: string, args: string[]): Promise<string> {
	const config = program === 'monmaptool' ? [] : ['-c', join(dir, 'ceph.conf')];
	const limits = { timeout: COMMAND_LIMIT_MS, killSignal: 'SIGKILL' } as const;
	const command = ['-c', GUARD, program, program, ...config, ...args];
	const { stdout } = await promisify(execFile)('/bin/sh', command, limits);
	return stdout;
}

async function startDaemon(
	dir: string,
	program: string,
	args: string[],
	guards: ChildProcess[]
): Promise<ChildProcess> {
	const log = await open(join(dir, 'log', `${program}.out`), 'a');
	const command = [program, '-c', join(dir, 'ceph.conf'), ...args];
	const guard = spawnGuard(['-c', GUARD, program, ...command], log.fd);
	guards.push(guard);
	await log.close();
	return guard;
}

/** Detached: Ctrl-C in a terminal must reach us first, and the guards through us. */
function spawnGuard(args: string[], output: number | 'ignore'): ChildProcess {
	const guard = spawn('/bin/sh', args, { stdio: ['pipe', output, output], detached: true });
	guard.stdin?.on('error', () => guard.stdin?.destroy());
	guard.once('exit', () => guard.stdin?.destroy());
	return guard;
}

async function untilAnswering(endpoint: string, gateway: ChildProcess, log: string): Promise<void> {
	const deadline = Date.now() + START_LIMIT_MS;
	for (;;) {
		const status = await fetch(endpoint, { signal: AbortSignal.timeout(5000) }).then(
			(response) => response.status,
			() => 0
		);
		if (status === 200) return;
		if (gateway.exitCode !== null) throw new Error(`radosgw ended: ${await tail(log)}`);
		if (Date.now() > deadline) throw new Error(`radosgw does not answer: ${await tail(log)}`);
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}

async function stopAll(guards: ChildProcess[], dir: string): Promise<void> {
	const exits = guards.map((guard) => exitOf(guard));
	for (const guard of guards) guard.stdin?.destroy();
	await Promise.all(exits);
	await rm(dir, { recursive: true, force: true });
}

function exitOf(child: ChildProcess): Promise<number | string> {
	if (child.exitCode !== null) return Promise.resolve(child.exitCode);
	return new Promise((resolve, reject) => {
		child.once('error', reject);
		child.once('exit', (code, signal) => resolve(code ?? signal ?? 'no exit code'));
	});
}

async function tail(path: string): Promise<string> {
	return (await readFile(path, 'utf8')).slice(-600).trim();
}

/** Two different ones: both are held before either is given back. */
async function freePorts(): Promise<[number, number]> {
	const [first, second] = [createServer(), createServer()];
	const ports = [await listeningPort(first), await listeningPort(second)] as const;
	for (const server of [first, second]) {
		await new Promise((resolve) => server.close(resolve));
	}
	return [...ports];
}

async function listeningPort(server: Server): Promise<number> {
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(0, '127.0.0.1', resolve);
	});
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('no port was given');
	return address.port;
}

function onPath(program: string): boolean {
	const folders = (process.env.PATH ?? '').split(delimiter);
	return folders.some((folder) => {
		try {
			accessSync(join(folder, program), constants.X_OK);
			return true;
		} catch {
			return false;
		}
	});
}
