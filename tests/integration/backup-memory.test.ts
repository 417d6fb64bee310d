import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readdir } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { seedTrack } from '#lib/server/testing/seed-track.ts';
import { seedArtist } from '#lib/server/testing/seeds.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { startChild } from '../../dev/child.ts';
import { watchPeak } from '../bench/process-facts.ts';
import { emptyFolder, removeFolder, typePlyr } from './backup-steps.ts';

const DID = 'did:plc:somebody';
const LARGE_BYTES = 400 * 1024 * 1024;
const PLAYS = 300_000;
/** What may come on top of what the smallest site needs: buffers, and garbage that is not collected yet. */
const MOST_MORE_MIB = 96;

describe('the memory of a backup and of a restore', { timeout: 300_000 }, () => {
	let database: TestDatabase;
	let target: TestDatabase;
	let home: string;
	let env: NodeJS.ProcessEnv;

	before(async () => {
		[database, target, home] = await Promise.all([
			openTestDatabase(),
			openTestDatabase(),
			emptyFolder()
		]);
		await seedArtist(database.db, DID);
		env = envOf(database, 'storage');
		await mkdir(path.join(home, 'storage/audio'), { recursive: true });
	});
	after(async () => {
		await Promise.all([database.close(), target.close()]);
		await removeFolder(home);
	});

	const key = randomBytes(32).toString('base64');
	const envOf = ({ address }: TestDatabase, storage: string): NodeJS.ProcessEnv => ({
		PATH: process.env['PATH'],
		NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
		PGHOST: address.host,
		PGUSER: address.user,
		DATABASE_URL: 'postgres:///postgres',
		OAUTH_ENCRYPTION_KEY: key,
		DATA_DIR: home,
		STORAGE_DIR: path.join(home, storage)
	});

	/** @returns the most that was resident, in MiB */
	async function peakOf(around: NodeJS.ProcessEnv, ...args: string[]): Promise<number> {
		const child = startChild(['src/cli/plyr.ts', ...args], around);
		const said = Promise.all([text(child.stdout), text(child.stderr)]);
		const peak = watchPeak(child.pid);
		let most = 0;
		const over = new AbortController();
		void child.exited.then(() => over.abort());
		while (!over.signal.aborted) {
			try {
				most = Math.max(most, peak() || 0);
			} catch {
				// it has just ended
			}
			await sleep(10);
		}
		assert.equal((await child.exited).code, 0, (await said).join(''));
		return most;
	}

	async function emptyTarget(): Promise<void> {
		await target.sql`drop schema if exists public, pgboss cascade`;
		await target.sql`create schema public`;
	}

	it('does not grow with the size of a file, nor with the number of rows', async (t) => {
		const place = path.join(home, 'place');
		const smallest = await peakOf(env, 'backup', place);
		await emptyTarget();
		// a restore makes a whole schema first
		const smallestRestore = await peakOf(envOf(target, 'restored'), 'restore', place);
		await emptyTarget();
		// a file that has a length and takes no room
		const trackId = await seedTrack(database.db, DID, 'long');
		const file = await database.db.selectFrom('audio_files').selectAll().executeTakeFirstOrThrow();
		const handle = await open(path.join(home, 'storage', file.storage_key), 'w');
		await handle.truncate(LARGE_BYTES);
		await handle.close();
		const hash = createHash('sha256');
		const zeroes = Buffer.alloc(1024 * 1024);
		for (let i = 0; i < LARGE_BYTES; i += zeroes.length) hash.update(zeroes);
		const sha256 = hash.digest('hex');
		await database.sql.begin(async (sql) => {
			// both tables say it at once, which no reference between them would let pass
			await sql`set local session_replication_role = replica`;
			await sql`update audio_files set sha256 = ${sha256}, file_id = left(${sha256}, 16),
				size_bytes = ${LARGE_BYTES}`;
			await sql`update tracks set file_id = left(${sha256}, 16), original_file_id = left(${sha256}, 16)`;
		});
		await database.sql.begin(async (sql) => {
			await sql`set local statement_timeout = 0`;
			await sql`insert into plays (track_id, listener_key, played_at)
				select ${trackId}, decode(md5(n::text), 'hex'), now() - n * interval '1 second'
				from generate_series(1, ${PLAYS}::integer) n`;
		});
		const large = await peakOf(env, 'backup', place, '--verify');
		const restoring = await peakOf(envOf(target, 'restored-large'), 'restore', place);
		const [row] = await target.sql<[{ count: number }]>`select count(*) from plays`;
		assert.equal(row.count, PLAYS);
		const said = [smallest, large, smallestRestore, restoring].map(Math.round).join(', ');
		t.diagnostic(`MiB: backup small and large, restore small and large: ${said}`);
		assert.ok(large < smallest + MOST_MORE_MIB, `${large} MiB instead of ${smallest}`);
		assert.ok(
			restoring < smallestRestore + MOST_MORE_MIB,
			`${restoring} MiB instead of ${smallestRestore}`
		);
	});

	/** A backup of the large file that gets a signal while it is copied. */
	async function stopped(place: string, signal: NodeJS.Signals) {
		const child = startChild(['src/cli/plyr.ts', 'backup', place], env);
		const said = Promise.all([text(child.stdout), text(child.stderr)]);
		const isCopying = async () =>
			(await filesIn(place)).some((name) => /objects.*part$/.test(name));
		while (!(await isCopying())) await sleep(5);
		process.kill(child.pid, signal);
		return { ...(await child.exited), said: (await said).join('') };
	}

	const filesIn = async (dir: string): Promise<string[]> =>
		await readdir(dir, { recursive: true }).catch(() => []);

	it('is given back when somebody presses ctrl-c: nothing half done is left, or taken for whole', async () => {
		const place = path.join(home, 'interrupted');
		const { code, said } = await stopped(place, 'SIGINT');
		assert.equal(code, 130, said);
		assert.match(said, /^stopped before it was done$/m);
		const left = await filesIn(place);
		assert.deepEqual(
			left.filter((name) => /part$|manifest/.test(name)),
			[]
		);
		const holds = await database.sql`select 1 from object_holds`;
		assert.equal(holds.length, 0);
	});

	it('a backup that was killed is none, and in nobody’s way', async () => {
		const place = path.join(home, 'killed');
		assert.equal((await stopped(place, 'SIGKILL')).signal, 'SIGKILL');
		assert.equal((await typePlyr(env, 'backup', place, '--list')).said, '');
		const { code, said } = await typePlyr(env, 'backup', place, '--verify');
		assert.equal(code, 0, said);
		assert.match(said, /every byte as it was written/);
	});
});
