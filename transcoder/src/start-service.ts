import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Config } from './config.ts';
import { ToolFinder } from './ffmpeg.ts';
import { Limit } from './limit.ts';
import type { Log } from './log.ts';
import { handleRequest } from './routes.ts';
import { TempFolders } from './temp-folders.ts';
import { ActiveWork } from './active-work.ts';
import type { Service } from './service.ts';

const HEADERS_TIMEOUT_MS = 10_000;
/** An upload of 1.5 GB over 4 Mbit/s; stalled ones are dropped much earlier. */
const REQUEST_TIMEOUT_MS = 3_600_000;
/** How often Node looks for connections beyond those two. */
const TIMEOUT_CHECK_MS = 5000;
const KEEP_ALIVE_MS = 5000;

/** A service that accepts requests. */
export interface RunningService {
	/** Such as `http://127.0.0.1:8082`. */
	url: string;
	/** Stops accepting, kills what runs, removes every temp file. */
	stop: () => Promise<void>;
}

function listen(server: Server, { host, port }: Config): Promise<AddressInfo> {
	return new Promise((resolve, reject) => {
		server.once('error', reject);
		server.listen(port, host, () => {
			server.off('error', reject);
			resolve(server.address() as AddressInfo);
		});
	});
}

function createHttpServer(service: Service): Server {
	const server = createServer({
		headersTimeout: HEADERS_TIMEOUT_MS,
		requestTimeout: REQUEST_TIMEOUT_MS,
		connectionsCheckingInterval: TIMEOUT_CHECK_MS,
		keepAliveTimeout: KEEP_ALIVE_MS
	});
	server.on('request', (request, response) => void handleRequest(service, request, response));
	// Without this listener Node would ask for the body before we know whether we want it.
	server.on('checkContinue', (request, response) => {
		void handleRequest(service, request, response);
	});
	return server;
}

/**
 * Starts the service. Rejects when the port is taken or the temp folder cannot be written, leaving
 * nothing behind.
 */
export async function startService(config: Config, log: Log): Promise<RunningService> {
	const sweptFolders = await TempFolders.sweep(config.tempDir);
	if (sweptFolders > 0) log('transcoder_swept', { folders: sweptFolders });
	const folders = await TempFolders.open(config.tempDir);
	const active = new ActiveWork();
	const tools = new ToolFinder(config);
	const limit = new Limit(config.concurrency, config.queueMs);
	const server = createHttpServer({ config, log, tools, limit, folders, active });
	const address = await listen(server, config).catch(async (error: unknown) => {
		await folders.close();
		throw error;
	});
	const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
	return {
		url: `http://${host}:${address.port}`,
		stop: async () => {
			server.close();
			await active.stop();
			server.closeAllConnections();
			await folders.close();
		}
	};
}
