import { ConfigError } from '#lib/server/config.ts';
import { type Command, CommandError, type Terminal } from './command.ts';
import { deleteAccount } from './delete-account.ts';
import { doctor } from './doctor.ts';
import { exportEverything } from './export.ts';
import { keys } from './keys.ts';
import { migrate } from './migrate.ts';
import { takedown } from './takedown.ts';
import { user } from './user.ts';

const COMMANDS: Record<string, Command> = {
	doctor,
	migrate,
	keys,
	user,
	export: exportEverything,
	'delete-account': deleteAccount,
	takedown
};

const overview = (): string[] => {
	const all = Object.values(COMMANDS);
	const width = Math.max(...all.map(({ usage }) => usage.length)) + 2;
	return [
		'plyr <command>',
		'',
		...all.map(({ usage, what }) => `  ${usage.padEnd(width)}${what}`),
		'',
		'the configuration is read from the environment, as the application does it.'
	];
};

/** Runs what was typed after `plyr`. @returns the exit code: 0 done, 1 not done or something is wrong, 2 not understood */
export async function runPlyr([name, ...args]: string[], terminal: Terminal): Promise<number> {
	const { say } = terminal;
	if (name === undefined || ['help', '--help', '-h'].includes(name)) {
		for (const line of overview()) say(line);
		return name === undefined ? 2 : 0;
	}
	const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
	if (!command) {
		say(`plyr has no command "${name}". plyr help lists them`);
		return 2;
	}
	if (args.includes('--help') || args.includes('-h')) {
		say(`plyr ${command.usage}`);
		say(command.what);
		return 0;
	}
	try {
		return await command.run(args, terminal);
	} catch (cause) {
		if (cause instanceof CommandError) say(`${cause.message}\nplyr ${command.usage}`);
		else if (cause instanceof ConfigError) say(cause.message);
		else throw cause;
		return cause instanceof CommandError ? 2 : 1;
	}
}
