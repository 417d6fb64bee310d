/**
 * The server process: `node src/server.ts` after `vite build`. It listens, and stops in order;
 * what it serves is in build/handler.js, made from everything else in src.
 */
import { existsSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ConfigError, readConfig } from './lib/server/config.ts';
import { isLostTypesQuery } from './lib/server/db/lost-types-query.ts';
import { completeHeaders } from './lib/server/http/complete-headers.ts';
import { createLogger, describeError } from './lib/server/log.ts';

/** A stop that takes longer is cut off: whatever was under way is taken up by the next start. */
const STOP_LIMIT_MS = 5_000;

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

	const server = createServer((request, response) => {
		completeHeaders(request, response, config);
		handler(request, response);
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
		ctx?.hub.closeStreams();
		server.close();
		server.closeIdleConnections();
		const requestsLimit = setTimeout(() => server.closeAllConnections(), STOP_LIMIT_MS / 2);
		requestsLimit.unref();
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

main().catch((error: unknown) => {
	// before there is a configuration there is no log: a person is looking at the terminal
	const text = error instanceof ConfigError ? error.message : (error as Error).stack;
	process.stderr.write(`${text}\n`);
	process.exit(1);
});
