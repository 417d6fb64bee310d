import { once } from 'node:events';
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startChild } from '../../dev/child.ts';
import { runTied } from '../../dev/run/run-tied.mjs';
import { SERVER_COMMAND } from '../../dev/server-command.ts';

/** A SvelteKit site of one page that asks nobody for anything: what to compare pages with. */
export interface BareSite {
	/** the path of a page of about so many bytes */
	pageOf(bytes: number): string;
	url: string;
	stop: () => Promise<void>;
}

const SOURCES = path.join(import.meta.dirname, 'bare-site');
const CONFIGURATION = {
	'package.json': `{ "type": "module" }`,
	'svelte.config.js': `import adapter from '@sveltejs/adapter-node';
		export default { kit: { adapter: adapter({ out: 'build' }), files: { routes: 'routes', appTemplate: 'app.html' } } };`,
	'vite.config.js': `import { sveltekit } from '@sveltejs/kit/vite';
		export default { plugins: [sveltekit()], build: { target: 'es2022' }, ssr: { noExternal: true } };`
};

/** Builds it with the project's own tools in a temporary folder, and starts it with the product's flags. */
export async function startBareSite(): Promise<BareSite> {
	const dir = await mkdtemp(path.join(tmpdir(), 'plyr-bare-'));
	const remove = () => rm(dir, { recursive: true, force: true });
	try {
		await build(dir);
	} catch (cause) {
		await remove();
		throw cause;
	}
	const flags = SERVER_COMMAND.slice(0, -1);
	const server = startChild([...flags, path.join(import.meta.dirname, 'bare-server.ts'), dir], {
		PATH: process.env['PATH'],
		NODE_ENV: 'production'
	});
	server.stderr.pipe(process.stderr, { end: false });
	const [port] = (await once(server.stdout, 'data')) as [Buffer];
	const url = `http://127.0.0.1:${Number(port)}`;
	const sizeOf = async (rows: number) =>
		(await (await fetch(`${url}/?rows=${rows}`)).arrayBuffer()).byteLength;
	const empty = await sizeOf(0);
	const perRow = ((await sizeOf(500)) - empty) / 500;
	return {
		url,
		pageOf: (bytes) => `/?rows=${Math.max(0, Math.round((bytes - empty) / perRow))}`,
		stop: async () => {
			await server.stop(2_000);
			await remove();
		}
	};
}

async function build(dir: string): Promise<void> {
	await cp(SOURCES, dir, { recursive: true });
	await symlink(path.resolve('node_modules'), path.join(dir, 'node_modules'));
	for (const [name, text] of Object.entries(CONFIGURATION)) {
		await writeFile(path.join(dir, name), text);
	}
	const vite = path.resolve('node_modules/vite/bin/vite.js');
	const shell = ['-c', 'cd "$1" && exec "$2" "$3" build', 'sh', dir, process.execPath, vite];
	const { done } = runTied('/bin/sh', shell, { ...process.env, NODE_ENV: 'production' });
	const { succeeded, output } = await done;
	if (!succeeded) throw new Error(`the bare site was not built:\n${output}`);
}
