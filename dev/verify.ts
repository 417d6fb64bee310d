/**
 * `npm run verify`: format, lint, types, who may import whom, dead code, script
 * sizes, tests. Runs all of the
 * checks even when one fails, and ends with what failed.
 */
import { spawnSync } from 'node:child_process';

const STEPS: [name: string, command: string[]][] = [
	['types are generated', ['svelte-kit', 'sync']],
	['format', ['prettier', '--check', '--log-level', 'warn', '.']],
	['lint', ['eslint', '--max-warnings', '0', '.']],
	['types', ['svelte-check', '--fail-on-warnings', '--output', 'human']],
	['imports', ['depcruise', 'src', 'dev', 'tests', 'transcoder/src', 'migrations', 'deploy']],
	['dead code', ['knip']],
	['script sizes', ['node', 'dev/script-sizes.ts']],
	['tests', ['node', 'dev/test.ts']]
];

const only = process.argv.slice(2);
const chosen = STEPS.filter(([name]) => only.length === 0 || only.includes(name));
const failed: string[] = [];
for (const [name, [command = '', ...args]] of chosen) {
	process.stdout.write(`\n— ${name}\n`);
	const { status } = spawnSync(`node_modules/.bin/${command}`, args, { stdio: 'inherit' });
	if (status !== 0) failed.push(name);
}
process.stdout.write(failed.length === 0 ? '\nall is well\n' : `\nfailed: ${failed.join(', ')}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
