import type { LeasedConnection } from '#lib/server/db/leases.ts';
import { inflateValue, type RecordedQuery } from './release-record.ts';

/** What became of a statement. */
interface Outcome {
	query: RecordedQuery;
	text: string;
	/** `ok`, or the code of the error */
	state: string;
	message: string;
	rows: number;
}

interface ForeignKey {
	table: string;
	columns: string[];
	to: string;
	/** `a` and `r`: a row that is referred to stays */
	onDelete: string;
}

/** What a release finds in a database of some form. */
export interface Replayed {
	outcomes: Outcome[];
	foreignKeys: ForeignKey[];
	/** `table.column` */
	columns: Set<string>;
}

/**
 * Sends a database every statement of a release and undoes it; changes are made of the rows they are about,
 * and, as those are seldom there, of all. Foreign keys are away meanwhile: the rows would have to fit.
 * @param first what is done before, and undone as well
 */
export async function replay(
	lease: LeasedConnection,
	queries: readonly RecordedQuery[],
	first?: string
): Promise<Replayed> {
	await lease.run('begin');
	if (first !== undefined) await lease.run(first);
	const foreignKeys = (await lease.run(FOREIGN_KEYS)) as unknown as (ForeignKey & {
		name: string;
	})[];
	const columns = await lease.run(COLUMNS);
	const outcomes: Outcome[] = [];
	for (const { table, name } of foreignKeys) {
		await lease.run(`alter table ${table} drop constraint ${name}`);
	}
	for (const query of queries) {
		const ofAll = withoutCondition(query.text);
		for (const text of ofAll === undefined ? [query.text] : [query.text, ofAll]) {
			outcomes.push(await outcomeOf(lease, query, text));
		}
	}
	await lease.run('rollback');
	return { outcomes, foreignKeys, columns: new Set(columns.map((row) => String(row['name']))) };
}

async function outcomeOf(
	lease: LeasedConnection,
	query: RecordedQuery,
	text: string
): Promise<Outcome> {
	await lease.run('savepoint before');
	try {
		const rows = await lease.run(text, query.values.map(inflateValue));
		await lease.run('set constraints all immediate');
		return { query, text, state: 'ok', message: '', rows: rows.length };
	} catch (cause) {
		const state = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
		return { query, text, state, message: String(cause), rows: 0 };
	} finally {
		await lease.run('rollback to savepoint before');
	}
}

/** A change of all rows in place of some. */
function withoutCondition(text: string): string | undefined {
	if (!/^\s*(?:update|delete)\b/i.test(text)) return undefined;
	let depth = 0;
	for (const { 0: part, index } of text.matchAll(/[()]|\bwhere\b/gi)) {
		if (part === '(') depth += 1;
		else if (part === ')') depth -= 1;
		else if (depth === 0) {
			const end = index + part.length;
			return `${text.slice(0, end)} true or${text.slice(end)}`;
		}
	}
	return undefined;
}

const FOREIGN_KEYS = `
	select conname as name, conrelid::regclass::text as table, confrelid::regclass::text as to,
		confdeltype::text as "onDelete", array(select attname::text from pg_attribute
			where attrelid = conrelid and attnum = any(conkey)) as columns
	from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace`;
const COLUMNS = `
	select format('%s.%s', attrelid::regclass, attname) as name from pg_attribute
	join pg_class on pg_class.oid = attrelid
	where relnamespace = 'public'::regnamespace and attnum > 0 and not attisdropped`;

/** What a release could do, and no longer can: a sentence each. */
export function brokenBy(before: Replayed, after: Replayed): string[] {
	const broken = after.outcomes.flatMap((now, at) => {
		const was = before.outcomes[at];
		const shown = `${now.query.from}: ${now.text.replace(/\s+/g, ' ').slice(0, 300)}`;
		if (now.state !== 'ok' && now.state !== was?.state) return [`${now.message} — ${shown}`];
		const isOther = was?.state === 'ok' && now.state === 'ok' && was.rows !== now.rows;
		return isOther ? [`${now.rows} rows, and were ${was.rows} — ${shown}`] : [];
	});
	return [...broken, ...after.foreignKeys.flatMap((key) => reasonAgainst(key, before))];
}

function reasonAgainst(key: ForeignKey, before: Replayed): string[] {
	const isSame = (other: ForeignKey) => JSON.stringify(other) === JSON.stringify(key);
	if (before.foreignKeys.some(isSame)) return [];
	const columns = key.columns.map((column) => `${key.table}.${column}`);
	if (columns.every((column) => before.columns.has(column))) {
		return [
			`${columns.join(', ')} refers to ${key.to} now: the release may write what is not there`
		];
	}
	const isOld = [...before.columns].some((column) => column.startsWith(`${key.to}.`));
	if (!isOld || (key.onDelete !== 'a' && key.onDelete !== 'r')) return [];
	return [`${columns.join(', ')} keeps rows of ${key.to}: the release cannot delete them`];
}
