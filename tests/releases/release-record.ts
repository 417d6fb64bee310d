import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** A statement of a release, with values it was once sent with. */
export interface RecordedQuery {
	text: string;
	values: unknown[];
	/** the file that sent it; `build`: one of the built application */
	from: string;
}

/** What a release asks of its database. */
export interface ReleaseRecord {
	/** its newest migration */
	migration: string;
	queries: RecordedQuery[];
}

/** A file for each release: `<its newest migration>.<the beginning of its own hash>.jsonl`. */
const FOLDER = import.meta.dirname;
const NAME = /^(\d{8}T\d{6}-.+)\.([0-9a-f]{12})\.jsonl$/;

const hashOf = (content: string) => createHash('sha256').update(content).digest('hex').slice(0, 12);

/**
 * Those that may serve while a database is upgraded, the oldest first.
 * @throws Error when one is not as it was recorded
 */
export async function readReleases(folder = FOLDER): Promise<ReleaseRecord[]> {
	const names = (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).sort();
	return await Promise.all(
		names.map(async (name) => {
			const content = await readFile(path.join(folder, name), 'utf8');
			const [, migration = '', hash] = NAME.exec(name) ?? [];
			if (hash !== hashOf(content)) throw new Error(`${name} is not as it was recorded`);
			return { migration, queries: readQueries(content) };
		})
	);
}

/** @returns the file it was written to */
export async function writeRelease(
	{ migration, queries }: ReleaseRecord,
	folder = FOLDER
): Promise<string> {
	const lines = queries.map(({ from, text, values }) => JSON.stringify({ from, text, values }));
	const content = `${lines.sort().join('\n')}\n`;
	const file = path.join(folder, `${migration}.${hashOf(content)}.jsonl`);
	await writeFile(file, content);
	return file;
}

/** Of recorded lines: one for each statement, however long its lists are. */
export function readQueries(content: string): RecordedQuery[] {
	const found = new Map<string, RecordedQuery>();
	for (const line of content.split('\n').filter((one) => one !== '')) {
		const query = JSON.parse(line) as RecordedQuery;
		const form = query.text
			.replace(/\$\d+(?:, \$\d+)*/g, '$')
			.replace(
				/\((?:\$|default)(?:, (?:\$|default))*\)(?:, \((?:\$|default)(?:, (?:\$|default))*\))*/g,
				'($)'
			);
		const isBetterKnown = found.get(form)?.from === 'build' && query.from !== 'build';
		if (!found.has(form) || isBetterKnown) found.set(form, query);
	}
	return [...found.values()];
}

/** A value of a statement as JSON has it. */
export function deflateValue(value: unknown): unknown {
	if (value === undefined) return null;
	if (value instanceof Date) return { date: value.toISOString() };
	if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('base64') };
	if (typeof value === 'bigint') return Number(value);
	if (Array.isArray(value)) return value.map(deflateValue);
	return typeof value === 'object' && value !== null ? { json: value } : value;
}

/** The value again. */
export function inflateValue(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(inflateValue);
	if (typeof value !== 'object' || value === null) return value;
	if ('date' in value) return new Date(String(value.date));
	if ('bytes' in value) return Buffer.from(String(value.bytes), 'base64');
	return 'json' in value ? value.json : value;
}
