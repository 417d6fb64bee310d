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

const NAME = '(?:only )?(?:if exists )?(?:public\\.)?([a-z_0-9]+)';
/** What a statement locks that is there already. */
const LOCKS: readonly [LockMode, RegExp][] = [
	['access exclusive', new RegExp(`\\balter table ${NAME}`, 'g')],
	['access exclusive', new RegExp(`\\bdrop trigger (?:if exists )?[a-z_0-9]+ on ${NAME}`, 'g')],
	['share row exclusive', new RegExp(`\\bcreate [a-z ]*trigger [^;]*? on ${NAME}`, 'g')],
	['share row exclusive', new RegExp(`\\breferences ${NAME}`, 'g')],
	['share', new RegExp(`\\bcreate (?:unique )?index [^(;]*?\\bon ${NAME}`, 'g')]
];

/** What a migration is going to lock, each table with the strongest lock it needs. */
export async function wantedLocks(migration: Migration): Promise<Map<string, LockMode>> {
	const wanted = new Map<string, LockMode>();
	for (const text of await statementsOf(migration)) {
		const plain = text.toLowerCase().replaceAll('"', '').replace(/\s+/g, ' ');
		for (const [mode, pattern] of LOCKS) {
			for (const [, table = ''] of plain.matchAll(pattern)) {
				const former = wanted.get(table);
				if (!former || MODES.indexOf(mode) < MODES.indexOf(former)) wanted.set(table, mode);
			}
		}
	}
	return wanted;
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
	wanted: ReadonlyMap<string, LockMode>,
	limitMs: number
): Promise<void> {
	const { rows } = await sql<{ name: string }>`
		select relname as name from pg_class
		where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')
			and relname = any(${[...wanted.keys()]}) order by 1`.execute(trx);
	if (rows.length === 0) return;
	// of each of the statements its part: they wait in a row
	const byMode = MODES.map((mode) => rows.filter(({ name }) => wanted.get(name) === mode));
	const count = rows.length;
	await sql`select set_config('lock_timeout', ${`${Math.ceil(limitMs / count)}ms`}, true)`.execute(
		trx
	);
	for (const [at, mode] of MODES.entries()) {
		const tables = byMode[at] ?? [];
		if (tables.length === 0) continue;
		const names = sql.join(tables.map(({ name }) => sql.table(name)));
		await sql`lock table ${names} in ${sql.raw(mode)} mode`.execute(trx);
	}
}

/**
 * Waits for what looks after a table (autovacuum, analyze): the database ends it for somebody, and only for
 * who has waited for a second. So this waits for longer than `takeLocks` may, for one table at a time and
 * holding no other, and lets go at once.
 */
export async function outwaitMaintenance(
	db: Kysely<Database>,
	wanted: ReadonlyMap<string, LockMode>
): Promise<void> {
	const { rows } = await sql<{ name: string }>`
		select distinct relname as name from pg_locks join pg_class on pg_class.oid = relation
		where granted and mode = 'ShareUpdateExclusiveLock'
			and relnamespace = current_schema()::regnamespace and relname = any(${[...wanted.keys()]})
		order by 1`.execute(db);
	for (const { name } of rows) {
		await db
			.transaction()
			.execute(async (trx) => {
				await sql`select set_config('lock_timeout', ${`${MAINTENANCE_LIMIT_MS}ms`}, true)`.execute(
					trx
				);
				const mode = sql.raw(wanted.get(name) ?? 'share');
				await sql`lock table ${sql.table(name)} in ${mode} mode`.execute(trx);
			})
			.catch((cause: unknown) => {
				if (!(cause instanceof Error && 'code' in cause && cause.code === LOCK_NOT_AVAILABLE)) {
					throw cause;
				}
			});
	}
}
