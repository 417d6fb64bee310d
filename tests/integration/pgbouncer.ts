import { spawn } from 'node:child_process';
import { chmod, chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import type { TestDatabase } from '#lib/server/testing/test-database.ts';
import { freePort } from '../free-port.ts';

const PROGRAM = '/usr/sbin/pgbouncer';
const START_LIMIT_MS = 10_000;
const SECRET = 'a-secret-of-the-test';
/** "nobody", whom the database of a test run by root belongs to */
const UNPRIVILEGED_ID = 65534;

/** A PgBouncer with the settings of deploy/pgbouncer.ini, that runs. */
export interface PgBouncer {
	/** of the database behind it, for `DATABASE_URL` */
	url: string;
	/** a client of its console */
	console: postgres.Sql;
	stop(): Promise<void>;
}

/**
 * Starts PgBouncer before a database; it ends when this process does.
 * @param poolSize so many sessions there are for all who come
 * @param other settings that are to be others
 */
export async function startPgBouncer(
	{ address }: Pick<TestDatabase, 'address'>,
	poolSize: number,
	other: Record<string, string> = {}
): Promise<PgBouncer> {
	const dir = await mkdtemp(path.join(tmpdir(), 'plyr-pool-'));
	const port = await freePort();
	const { host, port: serverPort, user, database } = address;
	const file = path.join(dir, 'pgbouncer.ini');
	const users = path.join(dir, 'users.txt');
	await writeFile(users, `"${user}" "${SECRET}"\n`);
	const changed = new Map<string, string | undefined>([
		...Object.keys(other).map((name): [string, undefined] => [name, undefined]),
		['plyr', undefined],
		['listen_addr', '127.0.0.1'],
		['listen_port', String(port)],
		['auth_file', users],
		['default_pool_size', String(poolSize)]
	]);
	const settings = (await readFile('deploy/pgbouncer.ini', 'utf8'))
		.split('\n')
		.flatMap((line) => {
			const [, name = ''] = /^(\w+) =/.exec(line) ?? [];
			if (!changed.has(name)) return line;
			const value = changed.get(name);
			return value === undefined ? [] : `${name} = ${value}`;
		})
		.join('\n');
	const behind = `host=${host} port=${serverPort} dbname=${database} user=${user}`;
	await writeFile(
		file,
		`${settings.replace('[databases]', `$&\n${database} = ${behind}`)}
unix_socket_dir =
admin_users = ${user}
${Object.entries(other)
	.map(([name, value]) => `${name} = ${value}`)
	.join('\n')}
`
	);
	const isRoot = process.getuid?.() === 0;
	if (isRoot) {
		for (const one of [dir, file, users]) await chown(one, UNPRIVILEGED_ID, UNPRIVILEGED_ID);
	}
	await chmod(dir, 0o700);
	// the guard ends it when the pipe to this process closes, even after a kill -9
	const guard = spawn(
		'/bin/sh',
		[
			'-c',
			'"$@" </dev/null & child=$!; cat >/dev/null; kill -KILL $child; wait $child',
			...['guard', PROGRAM, '-q', ...(isRoot ? ['-u', 'nobody'] : []), file]
		],
		{ stdio: ['pipe', 'ignore', 'pipe'] }
	);
	let said = '';
	guard.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
	const exited = new Promise<void>((resolve) => guard.once('exit', () => resolve()));
	const to = { host: '127.0.0.1', port, user, password: SECRET };
	const console = postgres({ ...to, database: 'pgbouncer', max: 1, fetch_types: false });
	const stop = async () => {
		await console.end({ timeout: 0 });
		guard.stdin.destroy();
		await exited;
		await rm(dir, { recursive: true, force: true });
	};
	const url = `postgres://${user}:${SECRET}@127.0.0.1:${port}/${database}`;
	const deadline = Date.now() + START_LIMIT_MS;
	while (!(await answers(console))) {
		if (Date.now() > deadline) {
			await stop();
			throw new Error(`pgbouncer does not answer: ${said.slice(-2_000)}`);
		}
		await sleep(20);
	}
	return { url, console, stop };
}

/** Its console, and not the database: who comes to that first makes a session of it. */
const answers = (console: postgres.Sql): Promise<boolean> =>
	console
		.unsafe('show version')
		.simple()
		.then(
			() => true,
			() => false
		);
