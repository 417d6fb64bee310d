import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type Kysely, sql } from 'kysely';
import { readConfig } from '#lib/server/config.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { connectDatabase, type DatabaseConnection } from './connect.ts';
import { migrationNames } from './migrate.ts';
import { type Migration, relationsToLock, takeLocks, wantedLocks } from './wanted-locks.ts';

/** As `pg_locks` calls those that hold up somebody who writes or reads, the weakest first. */
const STRONG = ['ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'];
const strengthOf = (mode: string) =>
	STRONG.indexOf(`${mode.replace(/\b[a-z]/g, (one) => one.toUpperCase()).replaceAll(' ', '')}Lock`);

const SCHEMA = [
	'create table sung (id int primary key, title text)',
	'create table heard (id int primary key, sung_id int constraint heard_sung references sung)',
	'create table told (id int primary key, sung_id int references sung, n int)',
	'create index heard_song on heard (sung_id)',
	'create index told_n on told (n)',
	'create view loud as select id from sung',
	'create view quiet as select id from told'
];

/** Statements, what of the above is known to be locked by each, and what only the database knows. */
const STATEMENTS: readonly [string, known: string[], unknown?: string[]][] = [
	['drop index heard_song', ['heard']],
	['drop index if exists public.heard_song, told_n', ['heard', 'told']],
	['drop table heard', ['heard', 'sung']],
	[
		'drop table if exists "told", heard cascade',
		['heard', 'sung', 'told'],
		['quiet AccessExclusiveLock']
	],
	['alter table heard drop constraint heard_sung', ['heard', 'sung']],
	['truncate told, heard', ['heard', 'told']],
	['create or replace view loud as select id from sung where id > 1', ['loud']],
	['drop view if exists loud, quiet', ['loud', 'quiet']],
	['alter view quiet rename to silent', ['quiet']],
	['create view other as select id from sung', []],
	['create unique index told_twice on told (id, n)', ['told']],
	['alter table told add column more int references sung', ['sung', 'told']]
];

describe('what a migration is going to lock', () => {
	let server: TestDatabase;
	let connection: DatabaseConnection;
	before(async () => {
		server = await openTestDatabase();
		await server.sql`create database locked`;
		const address = { ...server.address, database: 'locked' };
		connection = connectDatabase(address, readConfig({}).database);
	});
	after(async () => {
		await connection.close(1);
		await server.close();
	});

	/** @returns what it locked that was there before, and is not among what was known; and all that was */
	async function compare(migration: Migration, isKept: boolean) {
		const wanted = await wantedLocks(migration);
		const found = { unknown: [] as string[], known: [] as string[] };
		const undone = new Error('undone');
		const run = connection.db.transaction().execute(async (trx) => {
			const known = await relationsToLock(trx, wanted);
			const { rows: before } = await sql<{ oid: number; name: string }>`
				select oid::int, relname::text as name from pg_class
				where relkind in ('r', 'p', 'v') and relnamespace = 'public'::regnamespace`.execute(trx);
			await migration.up(trx as unknown as Kysely<unknown>);
			const { rows: held } = await sql<{ relation: number; mode: string }>`
				select relation::int, mode from pg_locks
				where pid = pg_backend_pid() and granted and mode = any(${STRONG})`.execute(trx);
			const names = new Map(before.map(({ oid, name }) => [oid, name]));
			for (const { relation, mode } of held) {
				const name = names.get(relation);
				const taken = known.find((one) => one.name === name);
				if (name === undefined || (taken && strengthOf(taken.mode) >= STRONG.indexOf(mode))) {
					continue;
				}
				found.unknown.push(`${name} ${mode}`);
			}
			found.known = known.map(({ name }) => name).sort();
			if (!isKept) throw undone;
		});
		await run.catch((cause: unknown) => {
			if (cause !== undone) throw cause;
		});
		return found;
	}

	it('is known of every one there is, before it begins', async () => {
		const unknown: string[] = [];
		for (const name of await migrationNames()) {
			const url = pathToFileURL(path.resolve('migrations', `${name}.ts`)).href;
			const found = await compare((await import(url)) as Migration, true);
			unknown.push(...found.unknown.map((one) => `${name}: ${one}`));
		}
		assert.deepEqual(unknown, []);
	});

	const migrationOf = (...statements: string[]): Migration => ({
		async up(db) {
			for (const statement of statements) await sql.raw(statement).execute(db);
		}
	});

	it('is known of what takes away, and of views', async () => {
		await compare(migrationOf(...SCHEMA), true);
		for (const [statement, known, unknown = []] of STATEMENTS) {
			const found = await compare(migrationOf(statement), false);
			assert.deepEqual(found, { known, unknown }, statement);
		}
	});

	it('of a view is the view alone, which those who read its table do not wait for', async () => {
		const wanted = await wantedLocks(migrationOf('create or replace view loud as select 1 as id'));
		await connection.db.transaction().execute(async (trx) => {
			await takeLocks(trx, wanted, 500);
			const { rows } = await sql<{ name: string; mode: string }>`
				select relname::text as name, mode from pg_locks join pg_class on pg_class.oid = relation
				where pid = pg_backend_pid() and relname in ('loud', 'sung')`.execute(trx);
			assert.deepEqual([...rows], [{ name: 'loud', mode: 'AccessExclusiveLock' }]);
		});
	});
});
