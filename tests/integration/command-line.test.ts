import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { runPlyr } from '../../src/cli/run-plyr.ts';
import { emptyFolder, plyr, removeFolder } from './backup-steps.ts';

describe('the command line, where no site is', () => {
	let dir: string;
	let env: Record<string, string>;
	before(async () => {
		dir = await emptyFolder();
		env = { DATA_DIR: path.join(dir, 'data') };
		await mkdir(env['DATA_DIR'] ?? '');
	});
	after(() => removeFolder(dir));

	it('makes none, and names the folder it looked at', async () => {
		const file = path.join(dir, 'a.zip');
		for (const args of [
			['backup', path.join(dir, 'backup'), '--quiet'],
			['restore', dir, '--missing'],
			['audit', '--quiet'],
			['user', 'sessions', 'alice.test'],
			['export', 'alice.test', file],
			['delete-account', 'alice.test'],
			['takedown', '--list'],
			['keys', 'rotate'],
			['keys', 'reseal']
		]) {
			const { code, said } = await plyr(env, args);
			if (args[0] === 'restore') assert.match(said, /there is no completed backup/);
			else assert.ok(said.startsWith(`there is no site in ${env['DATA_DIR']}: nothing was`), said);
			assert.equal(code, 1, args.join(' '));
		}
		assert.deepEqual(await readdir(env['DATA_DIR'] ?? ''), []);
		assert.deepEqual(await readdir(dir), ['data']);
	});

	it('says so when nothing has told it where the site is', async () => {
		const { said } = await plyr({}, ['audit']);
		const isHere = said.includes('there is no site in');
		// whoever works here may have one in .data
		if (isHere) assert.match(said, /\.data, and DATA_DIR is not set: nothing was ever started/);
	});
});

describe('keys that are put away', () => {
	let dir: string;
	const homes = ['former', 'new', 'other'] as const;
	const envOf = (home: (typeof homes)[number]) => ({ DATA_DIR: path.join(dir, home) });
	before(async () => {
		dir = await emptyFolder();
		for (const home of homes) await mkdir(path.join(dir, home));
		const made = await plyr({}, ['keys', 'new']);
		await writeFile(path.join(dir, 'of another site'), made.said);
	});
	after(() => removeFolder(dir));

	async function piped(
		home: (typeof homes)[number],
		args: string[],
		input = ''
	): Promise<{ code: number; output: string; said: string }> {
		const lines: string[] = [];
		const output = new PassThrough();
		const around = { input: Readable.from([input]), output };
		const say = (line: string) => lines.push(line);
		const code = await runPlyr(['keys', ...args], { env: envOf(home), say, ...around });
		output.end();
		return { code, output: await text(output), said: lines.join('\n') };
	}

	it('are those of a site, which are none before its first start', async () => {
		const { code, output, said } = await piped('former', ['export']);
		assert.deepEqual([code, output], [2, '']);
		assert.match(said, /^there are no keys in .*former\/keys: a site makes them at its start/);
		assert.deepEqual(await readdir(path.join(dir, 'former')), []);
	});

	it('come back where a site looks for them, for its user alone, whatever npm has said before', async () => {
		const made = await readFile(path.join(dir, 'of another site'), 'utf8');
		const first = await piped('former', ['import', '-'], made);
		assert.equal(first.code, 0, first.said);
		const { output: kept } = await piped('former', ['export']);
		const again = await piped('new', ['import', '-'], `\n> plyr.fm@0.1.0 plyr\n\n${kept}`);
		assert.equal(again.code, 0, again.said);
		for (const name of ['oauth-encryption.key', 'oauth-client.json']) {
			const [former, file] = ['former', 'new'].map((home) => path.join(dir, home, 'keys', name));
			assert.equal(await readFile(file ?? '', 'utf8'), await readFile(former ?? '', 'utf8'));
			assert.equal((await stat(file ?? '')).mode & 0o777, 0o600);
		}
		assert.equal((await stat(path.join(dir, 'new/keys'))).mode & 0o777, 0o700);
		const more = await piped('new', ['import', '-'], kept);
		assert.match(more.said, /^these keys are in .* already \(key [0-9a-f]{16}\)$/);
	});

	it('go into a file that is theirs alone, and never over another', async () => {
		const file = path.join(dir, 'kept');
		const { code } = await plyr(envOf('former'), ['keys', 'export', file]);
		assert.equal(code, 0);
		assert.equal((await stat(file)).mode & 0o777, 0o600);
		const { code: second, said } = await plyr(envOf('former'), ['keys', 'export', file]);
		assert.equal(second, 2);
		assert.match(said, /cannot be written: EEXIST/);
		await rm(path.join(dir, 'new/keys'), { recursive: true });
		assert.equal((await plyr(envOf('new'), ['keys', 'import', file])).code, 0);
	});

	it('take the place of no others, and are no others than keys', async () => {
		const made = await plyr({}, ['keys', 'new']);
		const { code, said } = await piped('new', ['import', '-'], made.said);
		assert.equal(code, 2);
		assert.match(said, /^there are other keys in .*new\/keys: move them away first/);
		const half = await piped('other', ['import', '-'], 'OAUTH_ENCRYPTION_KEY=aGFsZg==\n');
		assert.match(half.said, /^there is no OAUTH_CLIENT_KEYS=… in it/);
		const short = made.said.replace(/^OAUTH_ENCRYPTION_KEY=.*/, 'OAUTH_ENCRYPTION_KEY=aGFsZg==');
		const wrong = await piped('other', ['import', '-'], short);
		assert.deepEqual([wrong.code, /OAUTH_ENCRYPTION_KEY/.test(wrong.said)], [1, true], wrong.said);
		assert.deepEqual(await readdir(path.join(dir, 'other')), []);
	});
});

describe('a folder that is in memory', () => {
	it('is told from one on a disk', async () => {
		const dir = await emptyFolder();
		const mounted = spawnSync(
			'unshare',
			[
				...(process.getuid?.() === 0 ? ['-m'] : ['-rm']),
				...['sh', '-c', 'mount -t tmpfs none "$0" && exec "$@"', dir, process.execPath],
				...['--input-type=module', '--eval'],
				`import { goesAway } from '${path.resolve('src/cli/goes-away.ts')}';
				console.log(await goesAway('${dir}'), await goesAway('${process.cwd()}'));`
			],
			{ encoding: 'utf8' }
		);
		await removeFolder(dir);
		const says = `${dir} is in memory: what is there goes with this machine or container`;
		assert.equal(mounted.stdout, `${says} undefined\n`, mounted.stderr);
	});
});

describe('deploy/plyr', () => {
	let dir: string;
	before(async () => (dir = await emptyFolder()));
	after(() => removeFolder(dir));

	it('finds node among the packages, and files where one stands', async () => {
		const data = path.join(dir, 'data');
		await mkdir(path.join(data, 'keys'), { recursive: true });
		const made = await plyr({}, ['keys', 'new']);
		await writeFile(path.join(dir, 'put away'), made.said);
		await cp(path.join(dir, 'put away'), path.join(dir, 'copy'));
		const run = (...args: string[]) =>
			spawnSync(path.resolve('deploy/plyr'), args, {
				cwd: dir,
				env: { PATH: '/usr/bin:/bin', DATA_DIR: data },
				encoding: 'utf8'
			});
		const { status, stderr } = run('keys', 'import', 'put away');
		assert.equal(status, 0, stderr);
		const backup = run('backup', 'copies');
		assert.equal(backup.status, 1);
		// what went wrong is not in what was asked for
		assert.deepEqual(
			[backup.stdout, backup.stderr.split('\n')[0]?.slice(0, 20)],
			['', 'there is no site in ']
		);
		const exported = run('keys', 'export', 'again');
		assert.equal(exported.status, 0, exported.stderr);
		assert.equal(await readFile(path.join(dir, 'again'), 'utf8'), made.said + '\n');
	});
});
