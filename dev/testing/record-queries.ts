import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { LeasedConnection } from '#lib/server/db/leases.ts';
import { deflateValue } from '../../tests/releases/release-record.ts';

// Loaded before a test (node --import): writes down which statements the product sends to its database,
// each with the values of its first success.

const folder = process.env['PLYR_RECORD_QUERIES'];
/** What a statement of the product is built by; the tests', the migrations' and the connections' own are not. */
const OF_THE_PRODUCT =
	/\/src\/(?!.*(?:\.test\.ts|\/testing\/|\/contract\/|\/db\/(?:migrate|restoring)\.ts))/;
const OF_THE_PROJECT =
	/\/(?:src|tests|dev|migrations|build\/server)\/(?!lib\/server\/db\/(?:lea|built-once))[^)]*\.[tj]s/;

/** @returns the file nearest to the statement, from the root of the project */
function sender(stack: string): string | undefined {
	const line = stack
		.split('\n')
		.find(
			(one) =>
				!one.includes('node_modules') && OF_THE_PROJECT.test(one) && !one.includes('record-queries')
		);
	const file = /([^(\s]*\.[tj]s):\d+/.exec(line ?? '')?.[1] ?? '';
	if (file.includes('/build/server/')) return 'build';
	return OF_THE_PRODUCT.test(file) ? file.slice(file.lastIndexOf('/src/') + 1) : undefined;
}

if (folder) {
	Error.stackTraceLimit = 60;
	const file = path.join(folder, `${process.pid}.jsonl`);
	const seen = new Set<string>();
	type Run = (
		this: LeasedConnection,
		...query: Parameters<LeasedConnection['run']>
	) => ReturnType<LeasedConnection['run']>;
	const run = Reflect.get(LeasedConnection.prototype, 'run') as Run;
	LeasedConnection.prototype.run = async function (text: string, parameters?: readonly unknown[]) {
		const from = /^\s*(select|insert|update|delete|with|merge)\b/i.test(text)
			? sender(new Error('here').stack ?? '')
			: undefined;
		const result = await run.call(this, text, parameters);
		if (from !== undefined && !seen.has(text)) {
			seen.add(text);
			const values = (parameters ?? []).map(deflateValue);
			appendFileSync(file, `${JSON.stringify({ text, values, from })}\n`);
		}
		return result;
	};
}
