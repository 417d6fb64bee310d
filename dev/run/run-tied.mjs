import { spawn } from 'node:child_process';

/**
 * Runs "$0" "$@" so that it cannot outlive us: our end of a pipe is the shell's standard input, and
 * when that ends, however we died, the whole process group is told to stop.
 */
const TIED = `
exec 3<&0; stopping=
"$0" "$@" 3<&- </dev/null & program=$!
(read -r _ <&3; trap '' TERM; kill -TERM 0; tries=0
	while [ $tries -lt 30 ] && kill -0 $program; do sleep 0.1; tries=$((tries + 1)); done
	kill -KILL 0) >/dev/null 2>&1 & watcher=$!
trap stopping=yes TERM
wait $program; code=$?
while kill -0 $program 2>/dev/null; do wait $program; code=$?; done
[ -z "$stopping" ] || kill -KILL 0
kill -KILL $watcher
exit $code
`;

const KEPT_CHARACTERS = 20_000;

/**
 * Runs a program that knows nothing of us, silently: what it says is kept and returned. `stop` ends
 * it and all it started.
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {{ done: Promise<{ succeeded: boolean, output: string }>, stop: () => void }}
 */
export function runTied(command, args, env = process.env) {
	const child = spawn('/bin/sh', ['-c', TIED, command, ...args], {
		env,
		// a group of its own, which the shell above may end as a whole
		detached: true,
		stdio: ['pipe', 'pipe', 'pipe']
	});
	let output = '';
	for (const stream of [child.stdout, child.stderr]) {
		stream.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
			output = (output + text).slice(-KEPT_CHARACTERS);
		});
	}
	child.stdin.on('error', () => undefined);
	/** @type {Promise<{ succeeded: boolean, output: string }>} */
	const done = new Promise((resolve, reject) => {
		child.once('error', reject);
		child.once('close', (code) => resolve({ succeeded: code === 0, output: output.trim() }));
	});
	return { done, stop: () => child.stdin.end() };
}
