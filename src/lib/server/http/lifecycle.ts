import type { ServerInit } from '@sveltejs/kit';
import { readConfig } from '#lib/server/config.ts';
import { type Context, createContext } from '#lib/server/context.ts';
import { createLogger } from '#lib/server/log.ts';

declare global {
	/**
	 * The running application. On globalThis because the development server runs `init` again after
	 * a change, and because the process that listens (src/server.ts) lives outside the bundle.
	 */
	var plyr: { ctx: Context } | undefined;
}

/** Makes the context before the first request; a wrong configuration stops the start here. */
export const init: ServerInit = async () => {
	await globalThis.plyr?.ctx.dispose();
	const config = readConfig(process.env);
	globalThis.plyr = { ctx: await createContext(config, createLogger(config.logLevel)) };
};

/** The context made by `init`. */
export function runningContext(): Context {
	if (!globalThis.plyr) throw new Error('the application has not started');
	return globalThis.plyr.ctx;
}
