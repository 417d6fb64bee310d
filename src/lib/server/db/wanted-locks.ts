import {
	DummyDriver,
	Kysely,
	PostgresAdapter,
	PostgresIntrospector,
	PostgresQueryCompiler,
	sql,
	type Transaction
} from 'kysely';
import type { Database } from './schema.ts';

export interface Migration {
	up(db: Kysely<unknown>): Promise<void>;
}

/** https://www.postgresql.org/docs/current/explicit-locking.html, the strongest first. */
const MODES = ['access exclusive', 'share row exclusive', 'share'] as const;
export type LockMode = (typeof MODES)[number];

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const LOCK_NOT_AVAILABLE = '55P03';
const MAINTENANCE_LIMIT_MS = 2_500;

/** What a migration is going to lock of what is there already. */
export interface WantedLocks {
	/** by the names of tables, views, and indexes, of which it is the table: the strongest lock each needs */
	modes: ReadonlyMap<string, LockMode>;
	/** names of tables and constraints that go: a table they refer to is locked as strongly as they are */
	ends: ReadonlySet<string>;
}

const NAME = '(?:only )?(?:if exists )?(?:public\\.)?([a-z_0-9]+)';
const NAMES = '(?:only )?(?:if exists )?([a-z_0-9.]+(?:, ?[a-z_0-9.]+)*)';
/** What a statement locks, by the name or names in it. */
const LOCKS: readonly [LockMode, RegExp][] = [
	['access exclusive', new RegExp(`\\balter (?:table|view) ${NAME}`, 'g')],
	['access exclusive', new RegExp(`\\bcreate or replace view ${NAME}`, 'g')],
	['access exclusive', new RegExp(`\\bdrop (?:table|view|index) ${NAMES}`, 'g')],
	['access exclusive', new RegExp(`\\btruncate (?:table )?${NAMES}`, 'g')],
	['access exclusive', new RegExp(`\\bdrop trigger (?:if exists )?[a-z_0-9]+ on ${NAME}`, 'g')],
	['share row exclusive', new RegExp(`\\bcreate [a-z ]*trigger [^;]*? on ${NAME}`, 'g')],
	['share row exclusive', new RegExp(`\\breferences ${NAME}`, 'g')],
	['share', new RegExp(`\\bcreate (?:unique )?index [^(;]*?\\bon ${NAME}`, 'g')]
];
const ENDS = new RegExp(`\\bdrop (?:table|constraint) ${NAMES}`, 'g');

/** What a migration is going to lock, as far as it shows in its statements. */
export async function wantedLocks(migration: Migration): Promise<WantedLocks> {
	const modes = new Map<string, LockMode>();
	const ends = new Set<string>();
	for (const text of await statementsOf(migration)) {
		const plain = text.toLowerCase().replaceAll('"', '').replace(/\s+/g, ' ');
		for (const [mode, pattern] of LOCKS) {
			for (const name of namesIn(plain, pattern)) modes.set(name, stronger(mode, modes.get(name)));
		}
		for (const name of namesIn(plain, ENDS)) ends.add(name);
	}
	return { modes, ends };
}

const namesIn = (text: string, pattern: RegExp): string[] =>
	[...text.matchAll(pattern)].flatMap(([, names = '']) =>
		names.split(/, ?/).map((name) => name.replace(/^public\./, ''))
	);

const stronger = (mode: LockMode, other: LockMode | undefined): LockMode =>
	other && MODES.indexOf(other) < MODES.indexOf(mode) ? other : mode;

/** A table or view that is there, and the lock that is to be taken. */
export interface LockedRelation {
	name: string;
	isView: boolean;
	mode: LockMode;
}

/** What the names lead to in a database, in the order in which locks are taken. */
export async function relationsToLock(
	db: Kysely<Database>,
	{ modes, ends }: WantedLocks
): Promise<LockedRelation[]> {
	const names = [...modes.keys()];
	const { rows } = await sql<{ name: string; isView: boolean; by: string | null }>`
		with own as (
			select oid, relname::text as name, relkind as kind from pg_class
			where relnamespace = current_schema()::regnamespace
		),
		named as (
			select oid, kind = 'v' as is_view, name as by from own
			where kind in ('r', 'p', 'v') and name = any(${names})
			union
			select indrelid, false, name from own join pg_index on indexrelid = oid
			where name = any(${names})
			union
			select confrelid, false, null from pg_constraint join own on own.oid = conrelid
			where contype = 'f' and (conname = any(${[...ends]}) or own.name = any(${[...ends]}))
		),
		-- what is done to a table in parts is done to each of them
		parts as (select inhrelid, false, by from named join pg_inherits on inhparent = oid)
		select own.name, is_view as "isView", by
		from (table named union table parts) every join own on own.oid = every.oid
		order by 1`.execute(db);
	const relations = new Map<string, LockedRelation>();
	for (const { name, isView, by } of rows) {
		const mode = by === null ? 'access exclusive' : (modes.get(by) ?? 'access exclusive');
		relations.set(name, { name, isView, mode: stronger(mode, relations.get(name)?.mode) });
	}
	return [...relations.values()];
}

/** Its statements, as they are when there is not a row in any table. */
async function statementsOf(migration: Migration): Promise<string[]> {
	const statements: string[] = [];
	const nowhere = new Kysely<unknown>({
		dialect: {
			createDriver: () => new DummyDriver(),
			createAdapter: () => new PostgresAdapter(),
			createQueryCompiler: () => new PostgresQueryCompiler(),
			createIntrospector: (db) => new PostgresIntrospector(db)
		},
		log: ({ query }) => void statements.push(query.sql)
	});
	await migration.up(nowhere);
	await nowhere.destroy();
	return statements;
}

/**
 * Takes all of them before anything is done. A migration that worked on one table and then waited for the
 * next would wait for those who have that and wait for the first: the database ends such a circle after
 * its `deadlock_timeout` (a second), and not always by giving the migration up. So all of them are there
 * in less than that, or none.
 * @throws what the database says to who waits for longer than `limitMs` altogether
 */
export async function takeLocks(
	trx: Transaction<Database>,
	wanted: WantedLocks,
	limitMs: number
): Promise<void> {
	const relations = await relationsToLock(trx, wanted);
	if (relations.length === 0) return;
	// of each of the statements its part: they wait in a row
	const eachMs = Math.ceil(limitMs / relations.length);
	await sql`select set_config('lock_timeout', ${`${eachMs}ms`}, true)`.execute(trx);
	for (const mode of MODES) {
		const tables = relations.filter((one) => one.mode === mode && !one.isView);
		if (tables.length === 0) continue;
		const names = sql.join(tables.map(({ name }) => sql.table(name)));
		await sql`lock table ${names} in ${sql.raw(mode)} mode`.execute(trx);
	}
	for (const { name, isView } of relations) {
		// to lock a view locks the tables behind it as well; this locks it alone, and changes nothing
		if (isView) await sql`alter view ${sql.table(name)} owner to current_user`.execute(trx);
	}
}

/**
 * Waits for what looks after a table (autovacuum, analyze): the database ends it for somebody, and only for
 * who has waited for a second. So this waits for longer than `takeLocks` may, for one table at a time and
 * holding no other, and lets go at once.
 */
export async function outwaitMaintenance(db: Kysely<Database>, wanted: WantedLocks): Promise<void> {
	const relations = await relationsToLock(db, wanted);
	const modes = new Map(relations.map(({ name, mode }) => [name, mode]));
	const { rows } = await sql<{ name: string }>`
		select distinct relname as name from pg_locks join pg_class on pg_class.oid = relation
		where granted and mode = 'ShareUpdateExclusiveLock'
			and relnamespace = current_schema()::regnamespace and relname = any(${[...modes.keys()]})
		order by 1`.execute(db);
	for (const { name } of rows) {
		await db
			.transaction()
			.execute(async (trx) => {
				await sql`select set_config('lock_timeout', ${`${MAINTENANCE_LIMIT_MS}ms`}, true)`.execute(
					trx
				);
				const mode = sql.raw(modes.get(name) ?? 'share');
				await sql`lock table ${sql.table(name)} in ${mode} mode`.execute(trx);
			})
			.catch((cause: unknown) => {
				if (!(cause instanceof Error && 'code' in cause && cause.code === LOCK_NOT_AVAILABLE)) {
					throw cause;
				}
			});
	}
}
