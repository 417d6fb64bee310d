// The entry of every npm script: node dev/run.mjs <task> [arguments], where a task is dev/<task>.ts
// or the path of a .ts file. It runs on any Node from 20 on, before anything is installed: it
// installs the exact dependencies when they are missing or have changed, and goes on with Node 24.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ensureInstalled } from './run/install.mjs';
import { runUnderNode24 } from './run/node24.mjs';
import { stopWithNpm } from './run/npm-parent.mjs';
import { refuse } from './run/refuse.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const ownMajor = Number(process.versions.node.split('.')[0]);

function findTask() {
	const name = process.argv[2] ?? '';
	const file = name.endsWith('.ts') ? path.join(root, name) : path.join(root, 'dev', `${name}.ts`);
	if (!/^[\w./-]+$/.test(name) || !existsSync(file)) {
		refuse(`there is no task "${name}". try npm start, npm run dev or npm test`);
	}
	return file;
}

if (ownMajor < 20) {
	refuse(`this is node ${process.versions.node}. plyr.fm starts with node 20 or later`);
}
if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) {
	refuse(
		`plyr.fm brings its own database and node for linux on x64 and arm64; this is ${process.platform} on ${process.arch}. run it in a container or a virtual machine`
	);
}
const task = findTask();
process.chdir(root);
const requestStop = stopWithNpm();
await ensureInstalled(root);

if (ownMajor >= 24) {
	process.argv.splice(1, 2, task);
	await import(pathToFileURL(task).href);
} else {
	process.exitCode = await runUnderNode24(root, [task, ...process.argv.slice(3)], requestStop);
}
