/** The worker of a site as a process of its own, to be killed: `node publish-worker.ts` with the site's environment. */
import { readConfig } from '#lib/server/config.ts';
import { createContext } from '#lib/server/context.ts';
import { createLogger } from '#lib/server/log.ts';

const log = createLogger('info');
const ctx = await createContext(readConfig(process.env), log);
log.info('worker_started');

const stop = async () => {
	await ctx.dispose();
	process.exit(0);
};
process.once('SIGTERM', () => void stop());
process.stdin.resume().once('end', () => void stop());
