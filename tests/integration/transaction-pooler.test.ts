import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { addToEnd } from '#lib/queue/change-queue.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { runPlyr } from '../../src/cli/run-plyr.ts';
import { freePort } from '../free-port.ts';
import { HttpDevice } from '../queue/http-device.ts';
import { waitUntil } from './like-steps.ts';
import { type LocalSite, startApplication, startLocalSite } from './local-site.ts';
import { type PgBouncer, startPgBouncer } from './pgbouncer.ts';
import { becomeArtist, publishTrack } from './published-music.ts';
import { Visitor } from './visitor.ts';

/** Sessions of the database, for three processes whose pools come to thirty. */
const SESSIONS = 3;
const READERS = 12;
const STATEMENT_TIMEOUT_S = 4;

/** What is another session's by the next statement, or stays behind for whoever gets it. */
const NEEDS_A_SESSION =
	/pg_(try_)?advisory_(lock|unlock)|\b(un)?listen\b|^\s*set\s+(?!local|transaction|application_name)|set_config\([^)]*false\s*\)|temp(orary)? table|^\s*(prepare|deallocate|discard|load)\b|declare\s+\S+\s+cursor\s+with hold/i;

type Program = Awaited<ReturnType<typeof startApplication>> & { url: string };

const listTracks = async (site: string): Promise<number> => {
	const response = await fetch(`${site}/api/tracks/`);
	await response.arrayBuffer();
	return response.status;
};

describe(`a site behind a transaction pooler with ${SESSIONS} sessions`, () => {
	let database: TestDatabase;
	let pool: PgBouncer;
	let web: LocalSite;
	let others: Program[];
	let alice: Visitor;
	let bob: Visitor;
	/** what the pooler's sessions were asked, as the database logged it */
	const asked: string[] = [];
	const said: string[] = [];
	const say = (line: string) => said.push(line);
	const sites = () => [web.url, others[0]?.url ?? ''];

	before(async () => {
		database = await openTestDatabase((line) => {
			const [, application, statement] = /^<(.*?)> LOG: +(.*)/.exec(line) ?? [];
			if (application === 'plyr' && statement !== undefined) asked.push(statement);
		});
		const { host, user } = database.address;
		for (const setting of ["log_statement = 'all'", "log_line_prefix = '<%a> '"]) {
			await database.sql.unsafe(`alter system set ${setting}`).simple();
		}
		await database.sql`select pg_reload_conf()`;
		pool = await startPgBouncer(database, SESSIONS);
		// the client of the database reads these itself
		Object.assign(process.env, { PGHOST: host, PGUSER: user });
		web = await startLocalSite({
			DATABASE_URL: pool.url,
			DATABASE_POOLER: 'transaction',
			DATABASE_DIRECT_URL: 'postgres:///postgres',
			DATABASE_STATEMENT_TIMEOUT_SECONDS: String(STATEMENT_TIMEOUT_S),
			...{ PGHOST: host, PGUSER: user },
			OAUTH_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
			TRUSTED_PROXY_COUNT: '1',
			ROLES: 'web'
		});
		others = [];
		for (const roles of ['web', 'worker,transcoder']) {
			const port = String(await freePort());
			const url = `http://127.0.0.1:${port}`;
			others.push({
				url,
				...(await startApplication({ ...web.env, PORT: port, ROLES: roles }, url))
			});
		}
	});
	after(async () => {
		delete process.env['PGHOST'];
		delete process.env['PGUSER'];
		for (const one of others) await one.stop();
		await web.close();
		await pool.stop();
		await database.close();
	});

	it('signs in, publishes, likes, reads, hears of queues, migrates and backs up, all at once', async (context) => {
		[alice, bob] = await Promise.all([
			becomeArtist(web.url, 'alice'),
			becomeArtist(web.url, 'bob')
		]);
		let isOver = false;
		const refused: string[] = [];
		let pages = 0;
		const read = async (number: number) => {
			const paths = ['/', '/search?q=song', '/api/tracks/', '/u/alice.test', '/feed.xml'];
			// limits are for each address
			const headers = () => ({ 'x-forwarded-for': `192.0.2.${1 + (pages % 250)}` });
			for (let i = number; !isOver; i++) {
				const at = new URL(paths[i % paths.length] ?? '/', sites()[i % 2]);
				const response = await fetch(at, { headers: headers() });
				await response.arrayBuffer();
				pages++;
				if (response.status >= 400) refused.push(`${at.href} ${response.status}`);
			}
		};
		const readers = Array.from({ length: READERS }, (_, number) => read(number));
		const folder = await mkdtemp(path.join(tmpdir(), 'plyr-pooled-backup-'));
		try {
			const [tracks] = await Promise.all([
				Promise.all(
					[alice, bob, alice, bob].map((artist, i) => publishTrack(artist, { title: `song ${i}` }))
				),
				hearOfEachOther(),
				new Visitor(sites()[1] ?? '').signIn('carol'),
				...[['migrate'], ['backup', folder]].map((args) => plyr(...args))
			]);
			await Promise.all(
				tracks.flatMap((id) => [alice, bob].map((listener) => likeAndUnlike(listener, id)))
			);
			await plyr('doctor');
			await plyr('audit');
		} finally {
			isOver = true;
			await Promise.all(readers);
			await rm(folder, { recursive: true, force: true });
		}
		assert.deepEqual(refused, []);
		context.diagnostic(`${pages} pages, ${asked.length} statements of ${SESSIONS} sessions`);
		assert.ok(pages > 100 && asked.length > 1_000, `${pages} pages, ${asked.length} statements`);
		for (const { output } of [web, ...others]) {
			const errors = output()
				.split('\n')
				.filter((line) => /"level":"(error|warn)"/.test(line));
			assert.deepEqual(errors, []);
		}
	});

	async function plyr(...args: string[]): Promise<void> {
		said.length = 0;
		const code = await runPlyr(args, { env: web.env, say });
		assert.equal(code, 0, `plyr ${args.join(' ')}: ${said.join('\n')}`);
	}

	async function hearOfEachOther(): Promise<void> {
		const cookie = [...bob.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
		const [from, to] = sites().map((url) => new HttpDevice(url, cookie, Math.random));
		assert.ok(from && to);
		try {
			for (const device of [from, to]) await device.connect(0);
			const clock = { now: Date.now, newId: () => crypto.randomUUID(), random: Math.random };
			for (let i = 1; i <= 20; i++) {
				from.sync.change(addToEnd(from.sync.state, [i], clock));
				from.sync.flush();
				await waitUntil('the other server knows', () =>
					Promise.resolve(to.sync.state.items.length === i && !from.sync.isUnsent)
				);
			}
		} finally {
			for (const device of [from, to]) device.leave();
		}
	}

	async function likeAndUnlike(listener: Visitor, id: number): Promise<void> {
		for (const method of ['POST', 'DELETE', 'POST']) {
			const headers = { origin: listener.site, accept: 'application/json' };
			const answer = await listener.open(`/api/tracks/${id}/like`, { method, headers });
			assert.ok(answer.ok, `${method} ${answer.status} ${await answer.text()}`);
		}
	}

	it('asks nothing of the pool that needs a session, and leaves nothing in one', async () => {
		assert.deepEqual(
			asked.filter((line) => NEEDS_A_SESSION.test(line.replace(/^[^:]*: +/, ''))),
			[]
		);
		// `execute <unnamed>: …`: under a name it would be unknown to the next session
		assert.deepEqual(
			asked.filter((line) => /^execute (?!<unnamed>)/.test(line)),
			[]
		);
		const left = await database.sql`
			select pid from pg_locks join pg_stat_activity using (pid)
			where locktype = 'advisory' and application_name = 'plyr' and state = 'idle'`;
		assert.deepEqual([...left], []);
	});

	it('has its time limits and its plans there as well, which the doctor looks for', async () => {
		const { sql } = database;
		const pooled = postgres(pool.url, { max: 1, prepare: false });
		try {
			const settings = await pooled`
				select current_setting('statement_timeout') as limit, current_setting('enable_memoize') as memo`;
			assert.deepEqual([...settings], [{ limit: `${STATEMENT_TIMEOUT_S}s`, memo: 'off' }]);
			await sql`alter role plyr in database postgres reset all`;
			await pool.console.unsafe('reconnect').simple();
			await assertDoctorSays(
				/lacks our settings \(statement_timeout = 0, .*\)[^]*→ run: plyr migrate/
			);
			await plyr('migrate');
			await assertDoctorSays(/lacks our settings[^]*RECONNECT/);
			await pool.console.unsafe('reconnect').simple();
			await plyr('doctor');
		} finally {
			await pooled.end();
		}
	});

	it('is not begun when what ought to be a session is none', async () => {
		const directly = { DATABASE_POOLER: '', DATABASE_DIRECT_URL: '' };
		await assertDoctorSays(/that is a pooler: set DATABASE_POOLER=transaction/, directly);
		await assertNotStarted(/DATABASE_POOLER: is not set, and DATABASE_URL leads through/, directly);
		const twice = { DATABASE_DIRECT_URL: pool.url };
		await assertDoctorSays(/DATABASE_DIRECT_URL leads through a pooler/, twice);
		await assertNotStarted(/DATABASE_DIRECT_URL: leads through a pooler/, twice);
	});

	it('is not begun through one that pools sessions and nobody said so, whether it refuses or forgets', async () => {
		for (const forgotten of [
			'',
			',statement_timeout,enable_memoize,idle_in_transaction_session_timeout'
		]) {
			const ignored = `extra_float_digits${forgotten}`;
			const settings = { pool_mode: 'session', ignore_startup_parameters: ignored };
			const sessions = await startPgBouncer(database, SESSIONS, settings);
			try {
				const directly = {
					DATABASE_URL: sessions.url,
					DATABASE_POOLER: '',
					DATABASE_DIRECT_URL: ''
				};
				await database.sql`alter role plyr in database postgres reset all`;
				await assertNotStarted(
					/DATABASE_POOLER: is not set, and DATABASE_URL leads through a pooler, .*, and also of one in session mode it is said so/,
					directly
				);
			} finally {
				await plyr('migrate');
				await sessions.stop();
			}
		}
	});

	async function assertDoctorSays(wanted: RegExp, changes: NodeJS.ProcessEnv = {}) {
		said.length = 0;
		assert.equal(await runPlyr(['doctor'], { env: { ...web.env, ...changes }, say }), 1);
		assert.match(said.join('\n'), wanted);
	}

	async function assertNotStarted(wanted: RegExp, changes: NodeJS.ProcessEnv) {
		const port = String(await freePort());
		const env = { ...web.env, ...changes, PORT: port };
		await assert.rejects(startApplication(env, `http://127.0.0.1:${port}`), wanted);
	}

	it('says 503 in time when all sessions are somebody else’s, and is back when they are not', async () => {
		const busy = postgres(pool.url, { max: SESSIONS, prepare: false });
		const free = Promise.withResolvers<undefined>();
		const taken = Array.from({ length: SESSIONS }, () =>
			busy.begin(async (trx) => {
				await trx`select 1`;
				await free.promise;
			})
		);
		await sleep(500);
		const startedAt = performance.now();
		const answers = await Promise.all(sites().map(listTracks));
		const seconds = (performance.now() - startedAt) / 1000;
		free.resolve(undefined);
		await Promise.all(taken);
		await busy.end();
		assert.deepEqual(answers, [503, 503]);
		assert.ok(seconds < STATEMENT_TIMEOUT_S + 4, `${seconds.toFixed(1)} s`);
		for (const url of sites()) {
			await waitUntil('it answers', async () => (await listTracks(url)) === 200);
		}
	});
});
