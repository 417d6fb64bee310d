/**
 * The receiving endpoints over real HTTP, with a real database and real storage, and without the
 * rest of the application: the route modules are called as SvelteKit calls them, through the one
 * hook that deals with what they leave unread.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RequestEvent } from '@sveltejs/kit';
import { getRequest, setResponse } from '@sveltejs/kit/node';
import { readConfig } from '#lib/server/config.ts';
import type { Context } from '#lib/server/context.ts';
import { connectDatabase, type DatabaseAddress } from '#lib/server/db/connect.ts';
import { openHub } from '#lib/server/events/hub.ts';
import { openJobs } from '#lib/server/jobs/jobs.ts';
import { unreadBody } from '#lib/server/http/unread-body.ts';
import { createLogger } from '#lib/server/log.ts';
import { createStorage } from '#lib/server/storage/create-storage.ts';
import { unseen } from '#lib/server/testing/unseen.ts';

type Handler = (event: RequestEvent) => Response | Promise<Response>;

const ROUTES: [pattern: RegExp, module: string][] = [
	[/^\/api\/tracks\/?$/, 'api/tracks/+server.ts'],
	[/^\/api\/tracks\/uploads\/?$/, 'api/tracks/uploads/+server.ts'],
	[/^\/api\/tracks\/uploads\/(?<id>[^/]+)\/?$/, 'api/tracks/uploads/[id]/+server.ts'],
	[
		/^\/api\/tracks\/uploads\/(?<id>[^/]+)\/progress\/?$/,
		'api/tracks/uploads/[id]/progress/+server.ts'
	],
	[/^\/api\/tracks\/uploads\/(?<id>[^/]+)\/retry\/?$/, 'api/tracks/uploads/[id]/retry/+server.ts'],
	[/^\/api\/uploads\/tus(?:\/(?<id>.*))?$/, 'api/uploads/tus/[...id]/+server.ts'],
	[/^\/api\/uploads\/events\/?$/, 'api/uploads/events/+server.ts'],
	[/^\/api\/queue\/?$/, 'api/queue/+server.ts'],
	[/^\/api\/queue\/events$/, 'api/queue/events/+server.ts'],
	[/^\/api\/queue\/playhead$/, 'api/queue/playhead/+server.ts']
];

export interface ReceiverOptions {
	database: Exclude<DatabaseAddress, string>;
	storageDir: string;
	maxUploadMb?: number;
	/** more of the configuration */
	env?: Record<string, string>;
}

export interface Receiver {
	url: string;
	ctx: Context;
	close(): Promise<void>;
}

/** Starts the endpoints on a free port. The header `x-viewer` of a request says who is signed in. */
export async function startReceiver(options: ReceiverOptions): Promise<Receiver> {
	const config = readConfig({
		STORAGE_DIR: options.storageDir,
		MAX_UPLOAD_SIZE_MB: String(options.maxUploadMb ?? 64),
		LOG_LEVEL: 'error',
		// most tests send more than a person does in an hour
		UPLOADS_PER_HOUR: '10000',
		UPLOAD_MB_PER_HOUR: '10000',
		...options.env
	});
	const log = createLogger('error', (line) => process.stderr.write(`${line}\n`));
	const connection = connectDatabase(options.database, config.database);
	const { db, sql } = connection;
	const hub = await openHub(sql, log);
	const storage = await createStorage(config.storage);
	const jobs = await openJobs({ sql, log });
	// what receiving does not use is not there
	const ctx = {
		config,
		log,
		...unseen(),
		db,
		sql,
		direct: sql,
		hub,
		storage,
		jobs
	} as unknown as Context;
	const server = createServer((request, response) => void answer(ctx, request, response));
	server.requestTimeout = 0;
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		ctx,
		async close() {
			hub.closeStreams();
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
			await jobs.close();
			await hub.close();
			await connection.close(1);
			await storage.close();
		}
	};
}

async function answer(
	ctx: Context,
	incoming: IncomingMessage,
	outgoing: ServerResponse
): Promise<void> {
	const url = new URL(incoming.url ?? '/', 'http://127.0.0.1');
	const found = ROUTES.map(([pattern, module]) => ({ match: pattern.exec(url.pathname), module }))
		.filter(({ match }) => match)
		.at(0);
	const request = await getRequest({
		request: incoming,
		base: url.origin,
		bodySizeLimit: Infinity
	});
	const handlers = (await import(`../../../src/routes/${found?.module}`)) as Record<
		string,
		Handler
	>;
	const handler = handlers[request.method];
	const response = await unreadBody({
		event: eventOf(ctx, request, url, found?.match?.groups ?? {}),
		resolve: async (event) => (handler ? await handler(event) : new Response(null, { status: 405 }))
	});
	await setResponse(outgoing, response);
}

function eventOf(
	ctx: Context,
	request: Request,
	url: URL,
	params: Record<string, string | undefined>
): RequestEvent {
	const did = request.headers.get('x-viewer');
	const viewer = did && { did, handle: 'artist.test', displayName: 'An Artist', avatarUrl: null };
	return {
		request,
		url,
		params: { ...params, id: params['id'] ?? '' },
		locals: { ctx, viewer, log: ctx.log, requestId: 'test' },
		cookies: { get: () => undefined }
	} as unknown as RequestEvent;
}
