import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { oneAtATime } from './one-at-a-time.mjs';
import { runTied } from './run-tied.mjs';
import { refuse } from './refuse.mjs';

const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
const FLAGS = ['--no-audit', '--no-fund', '--include=dev', '--include=optional'];

/**
 * @typedef {{ version?: string, optional?: boolean, devOptional?: boolean, link?: boolean }} Package
 */

/** @param {string} file */
const packagesOf = (file) => {
	/** @type {unknown} */
	const lockfile = JSON.parse(readFileSync(file, 'utf8'));
	return /** @type {{ packages?: Record<string, Package> }} */ (lockfile).packages ?? {};
};

/**
 * Whether npm itself has put exactly these packages there: it writes down what it did when it is
 * done. What is optional may be for another machine.
 * @param {string} root
 */
function isInstalledByNpm(root) {
	const record = path.join(root, 'node_modules', '.package-lock.json');
	if (!existsSync(record)) return false;
	const installed = packagesOf(record);
	return Object.entries(packagesOf(path.join(root, 'package-lock.json'))).every(
		([place, wanted]) =>
			!place.startsWith('node_modules/') ||
			wanted.optional ||
			wanted.devOptional ||
			wanted.link ||
			installed[place]?.version === wanted.version
	);
}

/** @param {string} root */
function stateOf(root) {
	const lockfile = readFileSync(path.join(root, 'package-lock.json'));
	const wanted = createHash('sha256').update(lockfile).digest('hex');
	const stamp = path.join(root, 'node_modules', '.plyr-installed');
	const stamped = existsSync(stamp) ? readFileSync(stamp, 'utf8') : undefined;
	return { stamp, wanted, isCurrent: stamped === wanted, isFirst: stamped === undefined };
}

/** npm ci; a signal to us stops it first and then ends us. */
async function runNpm() {
	// no package needs its install script, and some machines forbid them
	const npm = runTied('npm', ['ci', '--ignore-scripts', ...FLAGS]);
	const stop = () => {
		npm.stop();
		void npm.done.then(() => process.exit(130));
	};
	for (const signal of SIGNALS) process.on(signal, stop);
	const result = await npm.done;
	for (const signal of SIGNALS) process.off(signal, stop);
	return result;
}

/** @param {string} root */
async function install(root) {
	const state = stateOf(root);
	if (state.isCurrent) return;
	if (!isInstalledByNpm(root)) {
		const why = state.isFirst ? 'first time, about a minute' : 'they have changed';
		process.stdout.write(`installing dependencies (${why})…\n`);
		const result = await runNpm();
		if (!result.succeeded) {
			refuse(`${result.output}\nnpm could not install the dependencies; its words are above`);
		}
	}
	writeFileSync(state.stamp, state.wanted);
}

/**
 * Installs the exact dependencies of package-lock.json unless that has been done. Of several
 * starts at once one installs and the others wait.
 * @param {string} root
 */
export async function ensureInstalled(root) {
	if (stateOf(root).isCurrent) return;
	const sayWait = () => process.stdout.write('another start is installing dependencies…\n');
	await oneAtATime(`install ${root}`, sayWait, () => install(root));
}
