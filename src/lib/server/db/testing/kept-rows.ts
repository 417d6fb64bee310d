import type postgres from 'postgres';
import { DERIVED } from './fill-tables.ts';

type Row = Record<string, unknown>;

/** What a table had when it was looked at, to be compared with what it has later. */
export class KeptRows {
	/** by table and key; each as it was when it was first seen */
	readonly #rows = new Map<string, { table: string; row: Row }>();

	get size(): number {
		return this.#rows.size;
	}

	/** Writes down the rows that were not there before. */
	async keep(sql: postgres.Sql): Promise<void> {
		for (const [key, one] of await readRows(sql)) {
			if (!this.#rows.has(key)) this.#rows.set(key, one);
		}
	}

	/** What became of rows meanwhile, a sentence each: one that is gone, a value that is another one. */
	async differences(sql: postgres.Sql): Promise<string[]> {
		const now = await readRows(sql);
		const found: string[] = [];
		for (const [key, { table, row }] of this.#rows) {
			const other = now.get(key)?.row;
			if (!other) found.push(`${key} is gone`);
			for (const [column, value] of Object.entries(row)) {
				const its = other?.[column];
				// what the database keeps up beside a tag
				if (!other || (table === 'track_tags' && column === 'track_created_at')) continue;
				if (JSON.stringify(its) !== JSON.stringify(value)) {
					found.push(`${key}: ${column} was ${JSON.stringify(value)}, is ${JSON.stringify(its)}`);
				}
			}
		}
		const more = [...now.keys()].filter((key) => !this.#rows.has(key));
		return [...found, ...more.map((key) => `${key} was not there`)];
	}
}

async function readRows(sql: postgres.Sql): Promise<Map<string, { table: string; row: Row }>> {
	const tables = await sql<{ table: string; keys: string[] }[]>`
		select conrelid::regclass::text as table, array(select attname::text from pg_attribute
			where attrelid = conrelid and attnum = any(conkey) order by attname) as keys
		from pg_constraint join pg_class on pg_class.oid = conrelid
		where contype = 'p' and connamespace = 'public'::regnamespace and not relispartition
			and relname <> 'kysely_migration' and relname <> all (${DERIVED})`;
	const keysOf = new Map(tables.map(({ table, keys }) => [table, keys]));
	const all = tables.map(
		({ table }) => `select '${table}' as table, to_jsonb(one) as row from ${table} one`
	);
	const found = new Map<string, { table: string; row: Row }>();
	for (const { table, row } of await sql.unsafe<{ table: string; row: Row }[]>(
		all.join(' union all ')
	)) {
		const key = keysOf.get(table)?.map((name) => JSON.stringify(row[name]));
		found.set(`${table} ${key?.join()}`, { table, row });
	}
	return found;
}
