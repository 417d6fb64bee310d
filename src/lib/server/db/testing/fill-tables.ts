import { createHash } from 'node:crypto';
import type postgres from 'postgres';
import { CHOSEN, type RowPlace } from './chosen-values.ts';

/** So many rows of each table: one with all there is, one with as little as may be, one like the first. */
const ROWS = 3;

/** Written by the database itself, from the other tables. */
export const DERIVED = [
	'artist_numbers',
	'album_loudness',
	'search_entries',
	'search_lexemes',
	'search_letters',
	'search_vocabulary'
];

interface Column {
	table: string;
	name: string;
	type: string;
	isRequired: boolean;
	hasDefault: boolean;
	/** the table it refers to, and the column of that */
	refersTo: string | null;
	refersToColumn: string | null;
}

type Row = Record<string, unknown>;

/**
 * Puts rows into every table there is, whatever form the tables have at this moment: what a column needs
 * beyond its type is in `chosen-values.ts`.
 * @param stage part of every value that must be another one each time
 * @param leftOut tables that stay empty
 */
export async function fillTables(
	sql: postgres.Sql,
	stage: number,
	leftOut: readonly string[] = []
): Promise<void> {
	const columns = (await findColumns(sql)).filter(({ table }) => !leftOut.includes(table));
	const made = new Map<string, Row[]>();
	await sql.begin(async (trx) => {
		for (const table of inOrder(columns)) {
			const own = columns.filter((column) => column.table === table);
			const rows = Array.from({ length: ROWS }, (_, row) => rowOf(own, { stage, row }, made));
			const kept: Row[] = [];
			for (const row of rows) {
				// "returning *" would be another thing after each column that is added
				const [one] = await trx<{ row: Row }[]>`
					insert into ${trx(table)} ${trx(row)} returning to_jsonb(${trx(table)}) as row`;
				kept.push(one?.row ?? {});
			}
			made.set(table, kept);
		}
	});
}

async function findColumns(sql: postgres.Sql): Promise<Column[]> {
	return await sql<Column[]>`
		select relname as table, attname as name, format_type(atttypid, atttypmod) as type,
			attnotnull as "isRequired", atthasdef or attidentity <> '' as "hasDefault",
			referred.to as "refersTo", referred.column as "refersToColumn"
		from pg_attribute
		join pg_class on pg_class.oid = attrelid
		left join lateral (
			select confrelid::regclass::text as to, (select attname from pg_attribute other
				where other.attrelid = confrelid and other.attnum = confkey[1]) as column
			from pg_constraint
			where contype = 'f' and conrelid = attrelid and conkey = array[attnum] limit 1
		) referred on true
		where relnamespace = 'public'::regnamespace and relkind = 'r' and not relispartition
			and attnum > 0 and not attisdropped and relname <> 'kysely_migration'
			and relname <> all (${DERIVED})
		order by relname, attnum`;
}

/** What others refer to comes first. */
function inOrder(columns: readonly Column[]): string[] {
	const waiting = new Set(columns.map(({ table }) => table));
	const ordered: string[] = [];
	while (waiting.size > 0) {
		const ready = [...waiting].filter((table) =>
			columns.every(
				(one) => one.table !== table || one.refersTo === null || !waiting.has(one.refersTo)
			)
		);
		if (ready.length === 0) throw new Error(`${[...waiting].join(', ')} refer to each other`);
		for (const table of ready) waiting.delete(table);
		ordered.push(...ready);
	}
	return ordered;
}

function rowOf(columns: readonly Column[], place: RowPlace, made: Map<string, Row[]>): Row {
	const row: Row = {};
	for (const column of columns) {
		const chosen = CHOSEN[`${column.table}.${column.name}`] ?? CHOSEN[`*.${column.name}`];
		if (!chosen && column.hasDefault) continue;
		if (!column.isRequired && place.row === 1) continue;
		const referred = made.get(column.refersTo ?? '')?.[place.row];
		if (chosen) row[column.name] = chosen(place);
		else if (referred) row[column.name] = referred[column.refersToColumn ?? ''];
		else row[column.name] = valueOf(column, place);
	}
	return row;
}

/** Any value of a type, another one for each stage and row. */
function valueOf({ table, name, type }: Column, { stage, row }: RowPlace): unknown {
	const text = `${name} ${stage}-${row}`;
	const number = stage * ROWS + row + 1;
	switch (type) {
		case 'text':
			return text;
		case 'uuid':
			return uuidOf(`${table} ${text}`);
		case 'bytea':
			return Buffer.from(text);
		case 'jsonb':
			return '{}';
		case 'boolean':
			return row === 0;
		case 'timestamp with time zone':
			return new Date(Date.UTC(2026, 0, 1 + row, 0, stage));
		case 'bigint':
		case 'integer':
		case 'smallint':
		case 'real':
			return number;
		default:
			throw new Error(`say in chosen-values.ts what is put into ${table}.${name} (${type})`);
	}
}

const uuidOf = (text: string): string => createHash('md5').update(text).digest('hex');
