import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, beforeEach, describe, it } from 'node:test';

const INSTALLER = path.join(import.meta.dirname, 'install.mjs');

describe('installing the dependencies', { timeout: 120_000 }, () => {
	let root: string;
	before(async () => {
		root = await mkdtemp(path.join(tmpdir(), 'plyr-install-'));
	});
	after(() => rm(root, { recursive: true, force: true }));

	const writeJson = async (file: string, value: unknown) => {
		await mkdir(path.dirname(path.join(root, file)), { recursive: true });
		await writeFile(path.join(root, file), JSON.stringify(value));
	};
	/** A project with one dependency that needs no registry. */
	const writeProject = async (version: string) => {
		const project = { name: 'project', version, dependencies: { part: 'file:part' } };
		await writeJson('part/package.json', { name: 'part', version: '1.0.0' });
		await writeJson('package.json', project);
		await writeJson('package-lock.json', {
			name: 'project',
			version,
			lockfileVersion: 3,
			requires: true,
			packages: {
				'': project,
				'node_modules/part': { resolved: 'part', link: true },
				part: { name: 'part', version: '1.0.0' }
			}
		});
	};
	const install = async () => {
		const script = `import { ensureInstalled } from ${JSON.stringify(INSTALLER)};
			await ensureInstalled(${JSON.stringify(root)});`;
		const child = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: root });
		const [said, complained] = await Promise.all([text(child.stdout), text(child.stderr)]);
		return said + complained;
	};
	beforeEach(async () => {
		await rm(path.join(root, 'node_modules'), { recursive: true, force: true });
		await writeProject('1.0.0');
	});

	it('happens once: of two starts at once one installs and the other waits', async () => {
		const said = (await Promise.all([install(), install()])).join('');
		assert.equal(said.match(/installing dependencies \(first time/g)?.length, 1);
		const part = path.join(root, 'node_modules', 'part', 'package.json');
		assert.match(await readFile(part, 'utf8'), /part/);
		assert.equal(await install(), '');
	});

	it('happens again when the lockfile has changed', async () => {
		await install();
		await writeProject('2.0.0');
		await rm(path.join(root, 'node_modules', '.package-lock.json'));
		assert.match(await install(), /installing dependencies \(they have changed\)/);
		assert.equal(await install(), '');
	});

	it('is not needed after somebody has called npm ci by hand', async () => {
		await install();
		await rm(path.join(root, 'node_modules', '.plyr-installed'));
		assert.equal(await install(), '');
	});

	it('shows what npm said when it could not', async () => {
		await writeFile(path.join(root, 'package-lock.json'), '{"lockfileVersion":3,"packages":{}}');
		assert.match(await install(), /npm could not install the dependencies/);
	});
});
