import path from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** What a command needs from around it; tests have their own. */
export interface Terminal {
	env: NodeJS.ProcessEnv;
	/** a line for whoever reads */
	say: (line: string) => void;
	/** a line about what went wrong, apart from what was asked for; absent: as `say` */
	complain?: (line: string) => void;
	/** the bytes of `-` where a file is to be named; absent: those of this process */
	input?: Readable;
	output?: Writable & { isTTY?: boolean };
	/** where the person stands, from which files are named; absent: the folder of this process */
	folder?: string;
	/** what goes on at the moment, in place of what was said before; absent where nobody looks */
	showProgress?: (text: string) => void;
	/** aborted when whoever runs it wants it to end; absent: this process's signals say so */
	signal?: AbortSignal;
}

/** A file or a folder as the person named it, whole. */
export const fileFrom = ({ folder }: Terminal, name: string): string =>
	path.resolve(folder ?? '.', name);

/** One word after `plyr`. */
export interface Command {
	/** how it is typed: `migrate [--check]` */
	usage: string;
	/** one line, lower case */
	what: string;
	/**
	 * @param args what was typed after its name
	 * @returns the exit code
	 * @throws CommandError, ConfigError for what the person can mend
	 */
	run(args: string[], terminal: Terminal): Promise<number>;
}

/** Somebody wanted it to end before it was done. */
export class Interrupted extends Error {
	override name = 'Interrupted';
	readonly exitCode: number;

	constructor(signal: NodeJS.Signals) {
		super('stopped before it was done');
		// as a shell has it
		this.exitCode = signal === 'SIGTERM' ? 143 : 130;
	}
}

/** Said as it is, without a stack: what was typed, or what is around it, needs a change. */
export class CommandError extends Error {
	override name = 'CommandError';
}
