import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { refuse } from './refuse.mjs';

const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/**
 * Runs a program with the Node 24 among the dependencies and returns its exit code. Our signals
 * are handed on; should we be killed, the end of its standard input tells it.
 * @param {string} root
 * @param {string[]} args
 * @param {{ stop: () => void }} request
 * @returns {Promise<number>}
 */
export function runUnderNode24(root, args, request) {
	const node = path.join(root, 'node_modules', '.bin', 'node');
	if (!existsSync(node)) {
		refuse(
			`node 24 was not among the installed packages for ${process.platform} ${process.arch}. install node 24 and try again`
		);
	}
	const child = spawn(node, args, {
		// a group of its own: Ctrl-C reaches it through us only, once
		detached: true,
		stdio: ['pipe', 'inherit', 'inherit'],
		env: { ...process.env, PLYR_STOP_ON_STDIN_END: 'true' }
	});
	for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
	request.stop = () => child.kill('SIGTERM');
	return new Promise((resolve, reject) => {
		child.once('error', reject);
		child.once('exit', (code, signal) =>
			resolve(code ?? 128 + (signal ? constants.signals[signal] : 0))
		);
	});
}
