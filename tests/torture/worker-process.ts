/**
 * A worker of the site that also sweeps all the time, as if a day had the length of
 * TORTURE_DAY_MS: `node worker-process.ts` with the site's environment.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { readConfig } from '#lib/server/config.ts';
import { createContext } from '#lib/server/context.ts';
import { createLogger, describeError } from '#lib/server/log.ts';
import { sweepObjects, sweepStrayObjects } from '#lib/server/storage/sweep-objects.ts';
import { sweepUploads } from '#lib/server/uploads/sweep.ts';

const PAUSE_MS = 1_500;

const dayMs = Number(process.env['TORTURE_DAY_MS']);
const log = createLogger('info');
const ctx = await createContext(readConfig(process.env), log);
log.info('worker_started');
// ends with whoever started it
process.stdin.resume().once('end', () => process.exit(0));

const ages = { unusedMs: dayMs, releasedMs: 5_000, deletedMs: dayMs };
for (;;) {
	await sleep(PAUSE_MS);
	try {
		const uploads = await sweepUploads(ctx, undefined, dayMs);
		const objects = await sweepObjects(ctx, undefined, ages);
		const strays = await sweepStrayObjects(ctx, undefined, ages);
		log.info('torture_swept', { uploads, objects, strays });
	} catch (cause) {
		log.warn('torture_sweep_failed', describeError(cause));
	}
}
