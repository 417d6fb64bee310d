import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { sql } from 'kysely';
import { readConfig } from '#lib/server/config.ts';
import { DomainError } from '#lib/server/errors.ts';
import { DatabaseLine } from '#lib/server/testing/database-line.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { connectDatabase, type DatabaseConnection, type Db, openReplicaPool } from './connect.ts';
import type { QueryObserver } from './observe-queries.ts';
import { onlyReads } from './reading-driver.ts';
import type { Replica } from './replica.ts';

const options = { ...readConfig({}).database, statementTimeoutMs: 1_000 };

const READING = [
	'select 1',
	'  select "updated_at" from "tracks"',
	'with "a" as (select 1) select * from "a"',
	'values (1), (2)'
];

const OTHERS = [
	'update "people" set "wanted_at" = now() where "did" in ($1) returning "did"',
	'insert into "plays" ("did") values ($1)',
	'delete from "likes"',
	'with "made" as (insert into "people" ("did") values ($1) returning "did") select * from "made"',
	'with "n" as (update "people" as p set "wanted_at" = now() returning 1) select count(*) from "n"',
	'with "n" as (update only "people" set "wanted_at" = now() returning 1) select count(*) from "n"',
	'with gone as (delete from "likes" returning "did") select "did" from gone',
	'select "did" from "people" for update',
	'select "did" from "people" for no key update skip locked',
	'select "did" from "people" for key share',
	"select pg_notify('news', '1')",
	'select pg_advisory_xact_lock(1)',
	'select pg_try_advisory_lock(1)',
	"select nextval('tracks_id_seq')",
	'lock table "people"',
	'call something()'
];

describe('what is read for everybody', () => {
	let database: TestDatabase;
	let connection: DatabaseConnection;
	let line: DatabaseLine;
	let pool: ReturnType<typeof openReplicaPool>;
	let db: Db;
	/** what was asked of which */
	const asked = { itself: [] as string[], copy: [] as string[] };
	const counted: string[] = [];
	const failures: unknown[] = [];
	const noted =
		(texts: string[]): QueryObserver =>
		(text, run) => {
			texts.push(text);
			return run();
		};

	// no replica of it, but another way to the same: what is asked of which is all there is to see
	before(async () => {
		database = await openTestDatabase();
		const { user, database: name } = database.address;
		connection = connectDatabase(database.address, options, noted(asked.itself));
		line = new DatabaseLine(database.address);
		const url = `postgres://${user}@127.0.0.1:${await line.open()}/${name}`;
		pool = openReplicaPool(url, options, noted(asked.copy));
		const replica: Replica = {
			leases: pool.leases,
			isCurrent: true,
			isAlone: false,
			lagSeconds: 0,
			mayAskAgain: () => false,
			count: (where) => counted.push(where),
			failed: (cause) => failures.push(cause),
			close: () => Promise.resolve()
		};
		db = connection.readers(replica);
	});
	after(async () => {
		await Promise.all([pool.leases.end(1), pool.sql.end({ timeout: 0 }), connection.close(1)]);
		line.close();
		await database.close();
	});
	beforeEach(() => {
		for (const list of [asked.itself, asked.copy, counted, failures]) list.length = 0;
	});

	it('is told from what changes something, takes a lock or tells news', () => {
		assert.deepEqual(
			READING.map(onlyReads),
			READING.map(() => true)
		);
		assert.deepEqual(
			OTHERS.filter((text) => onlyReads(text)),
			[]
		);
	});

	it('is asked of the replica, and nothing else is, not even at first', async () => {
		await db.selectFrom('people').selectAll().execute();
		assert.deepEqual([asked.copy.length, asked.itself.length], [1, 0]);
		await db.insertInto('people').values({ did: 'did:plc:bob' }).execute();
		await db.updateTable('people').set({ wanted_at: null }).execute();
		await db.selectFrom('people').select('did').forUpdate().execute();
		await db.deleteFrom('people').execute();
		assert.deepEqual([asked.copy.length, asked.itself.length], [1, 4]);
		assert.deepEqual(counted, ['replica']);
	});

	it('is not asked again when it took the replica too long, which is there for the others', async () => {
		const startedAt = performance.now();
		await assert.rejects(sql`select pg_sleep(3)`.execute(db), (cause) => {
			assert.ok(cause instanceof DomainError, String(cause));
			assert.equal(cause.code, 'database_unavailable');
			return true;
		});
		const ms = performance.now() - startedAt;
		assert.ok(ms < 1_900, `${Math.round(ms)} ms`);
		assert.deepEqual([asked.copy.length, asked.itself.length], [1, 0]);
		assert.deepEqual([counted, failures], [[], []]);
	});

	it('is asked of the database itself when the replica breaks off, which is left alone then', async () => {
		const broken = sql<{ pid: number }>`
			select pid from (select pg_backend_pid() as pid, pg_sleep(0.5)) one /* broken */`.execute(db);
		await new Promise((resolve) => setTimeout(resolve, 150));
		await database.sql`
			select pg_terminate_backend(pid) from pg_stat_activity
			where query like '%/* broken */%' and pid <> pg_backend_pid()`;
		assert.equal((await broken).rows.length, 1);
		assert.deepEqual([asked.copy.length, asked.itself.length], [1, 1]);
		assert.deepEqual(counted, ['failed']);
		assert.equal(failures.length, 1);
	});

	it('is refused for its own fault without being asked again', async () => {
		await assert.rejects(sql`select nothing`.execute(db), /column "nothing" does not exist/);
		assert.deepEqual([asked.copy.length, asked.itself.length], [1, 0]);
	});
});
