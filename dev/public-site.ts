import { startChild } from './child.ts';
import type { Lifetime } from './lifetime.ts';
import { SERVER_COMMAND, serverEnvironment } from './server-command.ts';

const STOP_LIMIT_MS = 6000;

/**
 * The app alone, for the real network: with the environment it was given and no development
 * switch. Its log lines are our output. Returns its exit code.
 */
export async function runPublicSite(
	lifetime: Lifetime,
	ffmpeg: string | undefined
): Promise<number> {
	const app = startChild(SERVER_COMMAND, {
		...serverEnvironment(process.env['DATA_DIR'] || '.data'),
		...(ffmpeg ? { FFMPEG_PATH: ffmpeg } : {}),
		...process.env,
		APP_STOP_ON_STDIN_END: 'true'
	});
	lifetime.onEnd(() => app.stop(STOP_LIMIT_MS));
	app.stdout.pipe(process.stdout, { end: false });
	app.stderr.pipe(process.stderr, { end: false });
	const { code } = await app.exited;
	return code ?? 1;
}
