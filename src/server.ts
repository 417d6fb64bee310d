/**
 * The server process: `node src/server.ts` after `vite build`. It listens, and stops in order;
 * what it serves is in build/handler.js, made from everything else in src.
 */
import { existsSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { readConfig } from './lib/server/config.ts';
import { isLostTypesQuery } from './lib/server/db/lost-types-query.ts';
import { completeHeaders } from './lib/server/http/complete-headers.ts';
import { Drain } from './lib/server/http/drain.ts';
import { createLogger, describeError } from './lib/server/log.ts';

/** A stop that takes longer is cut off: whatever was under way is taken up by the next start. */
const STOP_LIMIT_MS = 8_000;
/** First requests under way are answered, as what they need has to be there; then jobs are handed back, as long again. */
const DRAIN = { keptMs: 300, longestMs: 2_500 };
const HEALTH_PATH = /^\/(health|ready|metrics)(\?|$)/;
/** EX_CONFIG of sysexits.h: starting again does not mend it, and deploy/entrypoint does not try */
const REFUSED = 78;

async function main(): Promise<void> {
	const config = readConfig(process.env);
	const log = createLogger(config.logLevel);
	process.on('unhandledRejection', (cause) => {
		// anything else is a mistake of ours, after which nothing can be relied on
		if (!isLostTypesQuery(cause)) throw cause;
		log.warn('database_connection_lost', describeError(cause));
	});
	const handlerFile = path.resolve('build/handler.js');
	if (!existsSync(handlerFile)) {
		throw new Error('the application is not built yet: run npm start, or npx vite build');
	}
	// adapter-node reads these when its handler is loaded. bodies are streamed and limited per route
	process.env['ORIGIN'] = config.publicUrl;
	process.env['BODY_SIZE_LIMIT'] = 'Infinity';
	// whom a request comes from is judged in http/client-address.ts
	process.env['ADDRESS_HEADER'] = '';
	const { handler } = (await import(pathToFileURL(handlerFile).href)) as {
		handler: RequestListener;
	};

	const answer = config.roles.web ? handler : onlyHealth(handler);
	const drain = new Drain();
	const server = createServer((request, response) => {
		drain.enter(response);
		completeHeaders(request, response, config);
		answer(request, response);
	});
	// node's default of five minutes would cut off a large upload on a slow line
	server.requestTimeout = 0;
	server.headersTimeout = 20_000;
	server.keepAliveTimeout = 65_000;

	let stopping = false;
	const stop = async (reason: string) => {
		if (stopping) return;
		stopping = true;
		log.info('stopping', { reason });
		const limit = setTimeout(() => process.exit(1), STOP_LIMIT_MS);
		limit.unref();
		const ctx = globalThis.plyr?.ctx;
		if (server.listening) await drain.stop(server, () => ctx?.hub.closeStreams(), DRAIN);
		await ctx?.dispose();
		log.info('stopped');
		process.exit(0);
	};
	process.once('SIGTERM', () => void stop('SIGTERM'));
	process.once('SIGINT', () => void stop('SIGINT'));
	if (config.stopOnStdinEnd) process.stdin.resume().once('end', () => void stop('stdin ended'));

	server.once('error', (error) => {
		log.error('not_listening', { port: config.port, ...describeError(error) });
		process.exitCode = 1;
		void stop('not listening');
	});
	server.listen(config.port, config.host, () =>
		log.info('listening', { url: config.publicUrl, host: config.host, pid: process.pid })
	);
}

/** A process that only works can be asked how it is, and nothing else. */
const onlyHealth =
	(handler: RequestListener): RequestListener =>
	(request, response) => {
		if (HEALTH_PATH.test(request.url ?? '')) {
			handler(request, response);
			return;
		}
		const body = JSON.stringify({ error: 'this process serves no pages', code: 'no_web_here' });
		response.writeHead(404, { 'content-type': 'application/json', connection: 'close' });
		response.end(body);
	};

main().catch((error: unknown) => {
	// before there is a configuration there is no log: a person is looking at the terminal. by its name:
	// the one of the built application is another class
	const isRefused = error instanceof Error && error.name === 'ConfigError';
	const text = isRefused ? error.message : (error as Error).stack;
	process.stderr.write(`${text}\n`);
	process.exit(isRefused ? REFUSED : 1);
});
