import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import * as plc from '@did-plc/lib';
import { PlcLog, type PlcEntry } from './plc-log.ts';
import type { ReservedPort } from './reserve-port.ts';

const MAX_OPERATION_BYTES = 16_000;
const MAX_EXPORTED = 1000;

type Answer = { status: number; body: unknown; type?: string };

export type PlcDirectory = { url: string; log: PlcLog; stop: () => Promise<void> };

const notFound = (message: string): Answer => ({ status: 404, body: { message } });

const exported = (entry: PlcEntry) => ({
	did: entry.did,
	operation: entry.operation,
	cid: String(entry.cid),
	nullified: entry.nullified,
	createdAt: entry.createdAt.toISOString()
});

async function readOperation(request: IncomingMessage): Promise<plc.OpOrTombstone> {
	const chunks: Buffer[] = [];
	let sizeBytes = 0;
	for await (const chunk of request as AsyncIterable<Buffer>) {
		sizeBytes += chunk.length;
		if (sizeBytes > MAX_OPERATION_BYTES) throw new Error('the operation is too large');
		chunks.push(chunk);
	}
	return plc.def.opOrTombstone.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
}

function exportLines(log: PlcLog, query: URLSearchParams): Answer {
	const after = query.get('after');
	const count = Math.min(Number(query.get('count')) || MAX_EXPORTED, MAX_EXPORTED);
	const entries = log.since(after ? new Date(after) : undefined, count);
	const lines = entries.map((entry) => JSON.stringify(exported(entry))).join('\n');
	return { status: 200, body: lines, type: 'application/jsonlines' };
}

function readDid(log: PlcLog, did: string, part: string): Answer {
	const last = log.valid(did).at(-1);
	if (!last) return notFound(`DID not registered: ${did}`);
	const current = log.current(did);
	if (part === 'log') return { status: 200, body: log.valid(did).map((entry) => entry.operation) };
	if (part === 'log/audit') return { status: 200, body: log.history(did).map(exported) };
	if (part === 'log/last') return { status: 200, body: last.operation };
	if (!current) return { status: 410, body: { message: `DID not available: ${did}` } };
	if (part === 'data') return { status: 200, body: current };
	if (part !== '') return notFound('not found');
	return { status: 200, body: plc.formatDidDoc(current), type: 'application/did+ld+json' };
}

async function answer(log: PlcLog, request: IncomingMessage): Promise<Answer> {
	const url = new URL(request.url ?? '/', 'http://plc');
	const [, first = '', ...rest] = decodeURIComponent(url.pathname).split('/');
	if (first === '_health') return { status: 200, body: { version: 'local' } };
	if (first === 'export') return exportLines(log, url.searchParams);
	if (!first.startsWith('did:plc:')) return notFound('not found');
	if (request.method !== 'POST') return readDid(log, first, rest.join('/'));
	await log.append(first, await readOperation(request));
	return { status: 200, body: 'OK', type: 'text/plain' };
}

function send(response: ServerResponse, { status, body, type = 'application/json' }: Answer): void {
	response.writeHead(status, { 'content-type': type, 'access-control-allow-origin': '*' });
	response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

async function respond(log: PlcLog, request: IncomingMessage, response: ServerResponse) {
	try {
		send(response, await answer(log, request));
	} catch (error) {
		send(response, { status: 400, body: { message: String(error) } });
	}
}

const stopServer = (server: Server) =>
	new Promise<void>((resolve) => {
		server.close(() => resolve());
		server.closeAllConnections();
	});

/**
 * A did:plc directory for development with the HTTP interface of https://web.plc.directory/api/redoc
 * and the real rules for operations; its log is kept in `file`.
 */
export async function startPlc(reserved: ReservedPort, file: string): Promise<PlcDirectory> {
	const log = await PlcLog.open(file);
	const server = createServer((request, response) => void respond(log, request, response));
	server.listen(reserved.listener);
	await once(server, 'listening');
	// "localhost" and not 127.0.0.1: a PDS refuses to fetch from a bare address
	return { url: `http://localhost:${reserved.port}`, log, stop: () => stopServer(server) };
}
