import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { type CompiledQuery, DefaultQueryExecutor } from 'kysely';
import { deflateValue } from '../../tests/releases/release-record.ts';

// Loaded before a test and what it starts (node --import): writes down which statements the product sends
// to its database, each with the values of its first success.

const folder = process.env['PLYR_RECORD_QUERIES'];
/** Where a statement of the product comes from; the tests' and the migrations' own are not. */
const OF_THE_PRODUCT =
	/\/src\/(?!.*(?:\.test\.ts|\/testing\/|\/contract\/|\/db\/(?:migrate|restoring|wanted-locks)\.ts))/;
const OF_THE_PROJECT =
	/\/(?:src|tests|dev|migrations|build\/server)\/(?!lib\/server\/db\/built-once|testing\/record)[^)]*\.[tj]s/;

/** @returns the file nearest to the statement, from the root of the project; `build` when that is built */
function sender(stack: string): string | undefined {
	const lines = stack.split('\n');
	const line = lines.find((one) => !one.includes('node_modules') && OF_THE_PROJECT.test(one));
	const file = /([^(\s]*\.[tj]s):\d+/.exec(line ?? '')?.[1] ?? '';
	if (file.includes('/build/server/')) return 'build';
	return OF_THE_PRODUCT.test(file) ? file.slice(file.lastIndexOf('/src/') + 1) : undefined;
}

type Execute = (
	this: DefaultQueryExecutor,
	query: CompiledQuery,
	...more: unknown[]
) => Promise<unknown>;

/** Of a class of the package: whatever asks a database is one of it. */
function record(executor: { executeQuery: Execute }, into: string): void {
	const seen = new Set<string>();
	const execute = Reflect.get(executor, 'executeQuery');
	executor.executeQuery = async function (query, ...more) {
		const text = query.sql;
		const from = /^\s*(select|insert|update|delete|with|merge)\b/i.test(text)
			? sender(new Error('here').stack ?? '')
			: undefined;
		const result = await execute.call(this, query, ...more);
		if (from !== undefined && !seen.has(text)) {
			seen.add(text);
			const values = query.parameters.map(deflateValue);
			appendFileSync(into, `${JSON.stringify({ text, values, from })}\n`);
		}
		return result;
	};
}

if (folder) {
	Error.stackTraceLimit = 60;
	const file = path.join(folder, `${process.pid}.jsonl`);
	record(DefaultQueryExecutor.prototype as unknown as { executeQuery: Execute }, file);
	// the built application has the package within itself
	const looking = setInterval(() => {
		const db = globalThis.plyr?.ctx.db;
		if (!db) return;
		clearInterval(looking);
		const own = Object.getPrototypeOf(db.getExecutor()) as { executeQuery: Execute };
		if (own !== (DefaultQueryExecutor.prototype as unknown)) record(own, file);
	}, 5).unref();
}
