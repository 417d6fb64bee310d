import type { Terminal } from './command.ts';

const SHOWN_EVERY_MS = 100;
/** to the beginning of the line, and nothing behind it */
const CLEAR = '\r\u001b[K';

/** The terminal of this process, if it has one: progress is shown to somebody who looks, and not to a log. */
export function processTerminal(env: NodeJS.ProcessEnv): Terminal {
	const { stdout, stderr } = process;
	// npm and deploy/plyr go to the folder of the program, and say where they came from
	const folder = env['INIT_CWD'] || process.cwd();
	if (!stderr.isTTY) {
		return {
			env,
			folder,
			say: (line) => stdout.write(`${line}\n`),
			complain: (line) => stderr.write(`${line}\n`)
		};
	}
	let isShown = false;
	let shownAt = 0;
	const clear = () => {
		if (isShown) stderr.write(CLEAR);
		isShown = false;
	};
	return {
		env,
		folder,
		say: (line) => {
			clear();
			stdout.write(`${line}\n`);
		},
		complain: (line) => {
			clear();
			stderr.write(`${line}\n`);
		},
		showProgress: (text) => {
			if (text !== '' && performance.now() - shownAt < SHOWN_EVERY_MS) return;
			shownAt = performance.now();
			clear();
			stderr.write(text.slice(0, (stderr.columns || 80) - 1));
			isShown = text !== '';
		}
	};
}
