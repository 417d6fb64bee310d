/** What a command needs from around it; tests have their own. */
export interface Terminal {
	env: NodeJS.ProcessEnv;
	/** a line for whoever reads */
	say: (line: string) => void;
}

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

/** Said as it is, without a stack: what was typed, or what is around it, needs a change. */
export class CommandError extends Error {
	override name = 'CommandError';
}
