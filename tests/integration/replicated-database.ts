import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { readConfig } from '#lib/server/config.ts';
import { findPostgresFiles } from '#lib/server/db/embedded-binaries.ts';
import { type RunAs, startEmbeddedPostgres } from '#lib/server/db/embedded-postgres.ts';
import { migrateToLatest } from '#lib/server/db/migrate.ts';
import { layReadyCluster } from '#lib/server/testing/ready-cluster.ts';
import { freePort } from '../free-port.ts';

const START_LIMIT_MS = 20_000;
const USER = 'plyr';
/** "nobody": PostgreSQL refuses root */
const UNPRIVILEGED_ID = 65534;

/** One PostgreSQL of the test. */
export interface Server {
	/** the folder of its socket */
	host: string;
	/** and its port, of 127.0.0.1 */
	port: number;
	sql: postgres.Sql;
	start(): Promise<void>;
	stop(): Promise<void>;
}

/** A migrated database, and a replica that streams from it. */
export interface ReplicatedDatabase {
	primary: Server;
	replica: Server;
	close(): Promise<void>;
}

/** Starts both, in some five seconds. Call `close` in `after`. */
export async function startReplicatedDatabase(): Promise<ReplicatedDatabase> {
	const dir = await mkdtemp(path.join(tmpdir(), 'plyr-twin-'));
	await chmod(dir, 0o711);
	const runAs: RunAs =
		process.getuid?.() === 0 ? { uid: UNPRIVILEGED_ID, gid: UNPRIVILEGED_ID } : {};
	const [first, second] = [path.join(dir, 'first'), path.join(dir, 'second')];
	await makeCluster(first);
	const files = findPostgresFiles(first, runAs);
	const serverIn = async (home: string) => server(files, home, await freePort(), runAs);
	const primary = await serverIn(first);
	await primary.start();
	await copyCluster(primary, first, second);
	const replica = await serverIn(second);
	await replica.start();
	return {
		primary,
		replica,
		async close() {
			for (const one of [replica, primary]) {
				await one.stop();
				await one.sql.end({ timeout: 0 });
			}
			await rm(dir, { recursive: true, force: true });
		}
	};
}

/** Made and migrated by the embedded one, which keeps too little of its log to be followed. */
async function makeCluster(home: string): Promise<void> {
	await layReadyCluster(home);
	const embedded = await startEmbeddedPostgres(home, () => undefined);
	await migrateToLatest(embedded.address, readConfig({}).database);
	await embedded.stop();
}

/** What pg_basebackup does, which the package does not have. */
async function copyCluster({ host, port, sql }: Server, from: string, to: string): Promise<void> {
	const session = await sql.reserve();
	await session`select pg_backup_start('a replica', true)`;
	run('mkdir', to);
	run('chown', '--reference', from, to);
	run('chmod', '700', to);
	run('cp', '-a', path.join(from, 'cluster'), path.join(from, 's'), to);
	const cluster = path.join(to, 'cluster');
	run('rm', '-r', path.join(cluster, 'postmaster.pid'), path.join(to, 's'));
	// all of it comes from the primary
	for (const log of run('find', path.join(cluster, 'pg_wal'), '-type', 'f').split('\n')) {
		if (log !== '') await rm(log);
	}
	const [stopped] = await session<[{ labelfile: string }]>`
		select labelfile from pg_backup_stop(false)`;
	session.release();
	assert.ok(stopped);
	await writeFile(path.join(cluster, 'backup_label'), stopped.labelfile);
	await writeFile(path.join(cluster, 'standby.signal'), '');
	const settings = path.join(cluster, 'postgresql.auto.conf');
	const before = await readFile(settings, 'utf8');
	await writeFile(
		settings,
		`${before}\nprimary_conninfo = 'host=${host} port=${port} user=${USER}'\n`
	);
	const owned = ['backup_label', 'standby.signal', 'postgresql.auto.conf'];
	run('chown', '--reference', from, ...owned.map((name) => path.join(cluster, name)));
}

function run(program: string, ...args: string[]): string {
	const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
	assert.equal(status, 0, `${program}: ${stderr}`);
	return stdout;
}

function server(files: string, home: string, port: number, runAs: RunAs): Server {
	const host = path.join(home, 's');
	const settings = {
		listen_addresses: '127.0.0.1',
		port: String(port),
		wal_level: 'replica',
		wal_keep_size: '256MB',
		max_connections: '60',
		shared_buffers: '32MB',
		max_wal_senders: '2',
		hot_standby: 'on',
		fsync: 'off'
	};
	const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
	const program = [path.join(files, 'bin/postgres'), '-D', path.join(home, 'cluster'), '-k', host];
	const sql = postgres({
		host,
		port,
		user: USER,
		database: 'postgres',
		max: 2,
		onnotice: () => undefined
	});
	let guard: ChildProcess | undefined;
	return {
		host,
		port,
		sql,
		async start() {
			await mkdir(host, { recursive: true });
			run('chown', '--reference', home, host);
			// the guard ends it when the pipe to this process closes, even after a kill -9
			const script =
				'"$0" "$@" </dev/null & child=$!; cat >/dev/null; kill -INT $child; wait $child';
			const started = spawn('/bin/sh', ['-c', script, ...program, ...args], {
				...runAs,
				stdio: ['pipe', 'ignore', 'pipe']
			});
			guard = started;
			let said = '';
			started.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
			const end = Date.now() + START_LIMIT_MS;
			while (!(await sql`select 1`.then(Boolean, () => false))) {
				if (Date.now() > end) throw new Error(`PostgreSQL does not start: ${said.slice(-2_000)}`);
				await sleep(50);
			}
		},
		async stop() {
			const ended = guard;
			if (!ended || ended.exitCode !== null) return;
			ended.stdin?.end();
			await new Promise((resolve) => ended.once('exit', resolve));
		}
	};
}
