import { ConfigError } from '#lib/server/config.ts';
import { BackupProblem } from '#lib/server/backup/problem.ts';
import { reasonOf } from '#lib/server/doctor/finding.ts';
import { DomainError } from '#lib/server/errors.ts';
import { audit } from './audit.ts';
import { backup } from './backup.ts';
import { type Command, CommandError, Interrupted, type Terminal } from './command.ts';
import { deleteAccount } from './delete-account.ts';
import { doctor } from './doctor.ts';
import { exportEverything } from './export.ts';
import { keys } from './keys.ts';
import { migrate } from './migrate.ts';
import { restore } from './restore.ts';
import { takedown } from './takedown.ts';
import { user } from './user.ts';

const COMMANDS: Record<string, Command> = {
	doctor,
	migrate,
	keys,
	backup,
	restore,
	audit,
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

/** Runs what was typed after `plyr`. @returns the exit code: 0 done, 1 not done or something is wrong, 2 not understood, 130 or 143 stopped by a signal */
export async function runPlyr([name, ...args]: string[], terminal: Terminal): Promise<number> {
	const { say, complain = say } = terminal;
	if (name === undefined || ['help', '--help', '-h'].includes(name)) {
		for (const line of overview()) say(line);
		return name === undefined ? 2 : 0;
	}
	const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
	if (!command) {
		complain(`plyr has no command "${name}". plyr help lists them`);
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
		if (cause instanceof CommandError) complain(`${cause.message}\nplyr ${command.usage}`);
		else if (cause instanceof ConfigError || cause instanceof BackupProblem) {
			complain(cause.message);
		} else if (cause instanceof Interrupted) {
			complain(cause.message);
			return cause.exitCode;
		} else if (cause instanceof DomainError) complain(reasonOf(cause));
		else throw cause;
		return cause instanceof CommandError ? 2 : 1;
	}
}
