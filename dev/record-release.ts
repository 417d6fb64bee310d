import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { migrationNames } from '#lib/server/db/migrate.ts';
import { readQueries, writeRelease } from '../tests/releases/release-record.ts';
import { Problem } from './problem.ts';
import { runTask } from './lifetime.ts';
import { say } from './say.ts';

// npm run record-release: runs the tests, and writes down what the product asked its database for
// (tests/releases). With arguments only the tests whose path contains one of them.

async function recordRelease(): Promise<number> {
	const folder = mkdtempSync(path.join(tmpdir(), 'plyr-record-'));
	// processes of other users write into it too
	chmodSync(folder, 0o777);
	try {
		const recorder = path.resolve('dev/testing/record-queries.ts');
		const { status } = spawnSync(process.execPath, ['dev/test.ts', ...process.argv.slice(2)], {
			stdio: 'inherit',
			env: { ...process.env, PLYR_RECORD_QUERIES: folder, NODE_OPTIONS: `--import ${recorder}` }
		});
		if (status !== 0) throw new Problem('a release is recorded when its tests pass');
		const lines = readdirSync(folder)
			.sort()
			.map((name) => readFileSync(path.join(folder, name), 'utf8'));
		const migration = (await migrationNames()).at(-1) ?? '';
		const queries = readQueries(lines.join(''));
		say(`${queries.length} statements: ${await writeRelease({ migration, queries })}`);
		return 0;
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

await runTask(recordRelease);
