import { BackupProblem } from '#lib/server/backup/problem.ts';
import { readConfig } from '#lib/server/config.ts';
import { type Context, createContext, DatabaseIsOlder, HalfRestored } from '#lib/server/context.ts';
import { createLogger } from '#lib/server/log.ts';
import { CommandError, type Terminal } from './command.ts';
import { refuseWithoutSite } from './site-here.ts';

/**
 * Does something with the application's parts, whether or not it runs at the moment.
 * @throws CommandError, ConfigError
 */
export async function withContext<T>(
	{ env }: Terminal,
	action: (ctx: Context) => Promise<T>
): Promise<T> {
	const read = readConfig(env);
	refuseWithoutSite(read, env);
	const config = { ...read, roles: { web: false, worker: false, transcoder: false } };
	// what a person reads is on standard output
	const log = createLogger('warn', (line) => process.stderr.write(line + '\n'));
	const ctx = await createContext(config, log, { isGuest: true }).catch((cause: unknown) => {
		if (cause instanceof HalfRestored) throw new BackupProblem(cause.message, { cause });
		if (!(cause instanceof DatabaseIsOlder)) throw cause;
		throw new CommandError(`${cause.message}. run: plyr migrate`, { cause });
	});
	try {
		return await action(ctx);
	} finally {
		await ctx.dispose();
	}
}
