import { sql } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';

/** A query as the database carried it out. */
export interface QueryPlan {
	/** each step, the outermost first */
	nodes: PlanNode[];
	/** pages of 8 KiB that were looked at, from memory or not */
	pages: number;
}

export interface PlanNode {
	'Node Type': string;
	'Relation Name'?: string;
	'Index Name'?: string;
	/** of one loop; the mean */
	'Actual Rows': number;
	'Actual Loops': number;
	'Rows Removed by Filter'?: number;
	'Shared Hit Blocks'?: number;
	'Shared Read Blocks'?: number;
	Plans?: PlanNode[];
}

interface Compilable {
	compile(db: Db): { sql: string; parameters: readonly unknown[] };
}

/** Carries a query out, with its parameters as they are, and says how. */
export async function explain(db: Db, query: Compilable): Promise<QueryPlan> {
	const compiled = query.compile(db);
	const { rows } = await db.executeQuery<{ 'QUERY PLAN': { Plan: PlanNode }[] }>({
		...sql`select 1`.compile(db),
		...compiled,
		sql: `explain (analyze, buffers, format json) ${compiled.sql}`
	});
	const root = rows[0]?.['QUERY PLAN'][0]?.Plan;
	if (!root) throw new Error('there is no plan');
	return {
		nodes: nodesOf(root),
		pages: (root['Shared Hit Blocks'] ?? 0) + (root['Shared Read Blocks'] ?? 0)
	};
}

const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

const times = (node: PlanNode, rows: number) => Math.round(rows * node['Actual Loops']);

/** Rows that were taken from tables and indexes, also those that were not wanted. */
export const rowsRead = ({ nodes }: QueryPlan): number =>
	nodes
		.filter((node) => node['Relation Name'] !== undefined)
		.reduce(
			(sum, node) => sum + times(node, node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)),
			0
		);

/** The most rows that were sorted at once. */
export const rowsSorted = ({ nodes }: QueryPlan): number =>
	Math.max(
		0,
		...nodes
			.filter((node) => node['Node Type'].endsWith('Sort'))
			.map((node) => node.Plans?.[0]?.['Actual Rows'] ?? 0)
	);

/** The steps, one a line, for the message of a test that fails. */
export const describePlan = ({ nodes, pages }: QueryPlan): string =>
	[
		`${pages} pages`,
		...nodes.map((node) =>
			[
				node['Node Type'],
				node['Relation Name'] ?? '',
				node['Index Name'] ?? '',
				`rows ${node['Actual Rows']} × ${node['Actual Loops']}`,
				`removed ${node['Rows Removed by Filter'] ?? 0}`
			].join(' ')
		)
	].join('\n');

/** The tables that were read from end to end. */
export const tablesReadWhole = ({ nodes }: QueryPlan): string[] =>
	nodes
		.filter((node) => node['Node Type'] === 'Seq Scan')
		.map((node) => node['Relation Name'] ?? '');
