import { setTimeout as sleep } from 'node:timers/promises';
import type { AppLog } from './app-log.ts';
import { startChild, type Child } from './child.ts';
import type { Lifetime } from './lifetime.ts';
import { Problem } from './problem.ts';

const STOP_LIMIT_MS = 6000;
const READY_LIMIT_MS = 120_000;
const LOOK_EVERY_MS = 50;
const REQUEST_LIMIT_MS = 10_000;

async function isReady(url: string): Promise<boolean> {
	try {
		const response = await fetch(`${url}/ready`, { signal: AbortSignal.timeout(REQUEST_LIMIT_MS) });
		await response.body?.cancel();
		return response.ok;
	} catch {
		// it does not listen yet
		return false;
	}
}

/** Waits until the app answers; fails when it stops or takes too long. */
async function waitUntilReady(app: Child, url: string, log: AppLog): Promise<void> {
	const state = { hasStopped: false };
	void app.exited.then(() => (state.hasStopped = true));
	const endsAt = Date.now() + READY_LIMIT_MS;
	while (!(await isReady(url))) {
		if (state.hasStopped) throw new Problem(`the app did not start:\n${log.lastLines}`);
		if (Date.now() > endsAt) {
			throw new Problem(`the app is not ready after two minutes. see ${log.file}`);
		}
		await sleep(LOOK_EVERY_MS);
	}
}

/**
 * Starts the app and waits until it is ready at `url`. It ends with us; when it ends by itself, so
 * do we.
 */
export async function startApp(
	lifetime: Lifetime,
	options: { args: string[]; env: NodeJS.ProcessEnv; url: string; log: AppLog }
): Promise<void> {
	const { args, env, url, log } = options;
	const app = startChild(args, env);
	lifetime.onEnd(() => app.stop(STOP_LIMIT_MS));
	log.follow(app.stdout);
	log.follow(app.stderr);
	await waitUntilReady(app, url, log);
	void app.exited.then(({ code, signal }) =>
		lifetime.fail(new Problem(`the app has stopped (${code ?? signal}):\n${log.lastLines}`))
	);
}
