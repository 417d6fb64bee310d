import type { IncomingMessage, ServerResponse } from 'node:http';
import { ClientGone } from './active-work.ts';
import { analyse } from './analyse.ts';
import { attachmentHeader } from './attachment-name.ts';
import { mayUse } from './auth.ts';
import { badRequest, diskFull, HttpError } from './http-error.ts';
import { sendFailure, sendFile, sendJson } from './respond.ts';
import type { Service } from './service.ts';
import { findTarget, TARGET_NAMES } from './targets.ts';
import { transcode } from './transcode.ts';
import { doWork, type Exchange } from './work.ts';

interface Route {
	methods: readonly string[];
	/** Asks for the key. */
	isGuarded: boolean;
	handle: (service: Service, exchange: Exchange, url: URL) => Promise<void>;
}

const SERVER_ERROR = 500;
const DEFAULT_TARGET = 'mp3';

async function handleHealth(service: Service, { response }: Exchange): Promise<void> {
	const tools = await service.tools.find();
	const { running, waiting, queued, concurrency } = service.limit;
	const ffmpeg = tools?.version ?? null;
	sendJson(response, 200, { status: 'ok', ffmpeg, running, waiting, queued, concurrency });
}

async function handleTranscode(service: Service, exchange: Exchange, url: URL): Promise<void> {
	const name = url.searchParams.get('target') ?? DEFAULT_TARGET;
	const target = findTarget(name);
	if (target === null) {
		throw badRequest(
			'unsupported_target',
			`unsupported target "${name.slice(0, 20)}". supported: ${TARGET_NAMES.join(', ')}`
		);
	}
	exchange.facts['target'] = name;
	await doWork(service, exchange, {
		work: (job) => transcode(job, target),
		answer: async (converted, receivedName) => {
			exchange.facts['sentBytes'] = converted.sizeBytes;
			const disposition = attachmentHeader(receivedName, target.extension);
			await sendFile(exchange.response, { ...converted, ...target, disposition });
		}
	});
}

async function handleAnalyse(service: Service, exchange: Exchange): Promise<void> {
	await doWork(service, exchange, {
		work: analyse,
		answer: (analysis) => {
			sendJson(exchange.response, 200, analysis);
			return Promise.resolve();
		}
	});
}

const ROUTES: ReadonlyMap<string, Route> = new Map([
	['/health', { methods: ['GET', 'HEAD'], isGuarded: false, handle: handleHealth }],
	['/transcode', { methods: ['POST'], isGuarded: true, handle: handleTranscode }],
	['/analyse', { methods: ['POST'], isGuarded: true, handle: handleAnalyse }]
]);

async function dispatch(service: Service, exchange: Exchange): Promise<void> {
	const { request } = exchange;
	exchange.facts['traceId'] = traceIdOf(request.headers['traceparent']);
	// Only the path and the query count; the base makes them a whole address.
	const url = new URL(`http://transcoder${request.url ?? '/'}`);
	const route = ROUTES.get(url.pathname);
	if (route === undefined) {
		throw new HttpError(404, 'not_found', 'there is nothing at this address');
	}
	exchange.facts['route'] = url.pathname;
	if (!route.methods.includes(request.method ?? '')) {
		const allow = route.methods.join(', ');
		throw new HttpError(405, 'method_not_allowed', `use ${allow} here`, { allow });
	}
	if (route.isGuarded && !mayUse(request.headers['x-transcoder-key'], service.config.authToken)) {
		throw new HttpError(401, 'unauthorized', 'the X-Transcoder-Key header is missing or wrong');
	}
	await route.handle(service, exchange, url);
}

/** Of https://www.w3.org/TR/trace-context/, so that a caller finds our line among its own. */
const traceIdOf = (header: unknown): string | undefined =>
	/^[\da-f]{2}-([\da-f]{32})-[\da-f]{16}-/.exec(String(header))?.[1];

function toHttpError(service: Service, error: unknown): HttpError {
	if (error instanceof HttpError) return error;
	const code = error instanceof Error && 'code' in error ? error.code : null;
	if (code === 'ENOSPC') return diskFull();
	const details = error instanceof Error ? error.stack : String(error);
	service.log('transcoder_internal_error', { error: details });
	return new HttpError(SERVER_ERROR, 'internal', 'something went wrong inside the transcoder');
}

function logRequest(service: Service, { response, facts }: Exchange, startedAtMs: number): void {
	// Health is asked every few seconds by whoever watches the service.
	if (facts['route'] === '/health') return;
	const durationMs = Math.round(performance.now() - startedAtMs);
	const status = facts['code'] === 'client_gone' ? null : response.statusCode;
	service.log('transcoder_request', { ...facts, status, durationMs });
}

/** Answers one request, whatever happens. Never rejects. */
export async function handleRequest(
	service: Service,
	request: IncomingMessage,
	response: ServerResponse
): Promise<void> {
	const startedAtMs = performance.now();
	const exchange: Exchange = { request, response, facts: {} };
	try {
		await dispatch(service, exchange);
	} catch (error) {
		if (error instanceof ClientGone || response.destroyed) {
			exchange.facts['code'] = 'client_gone';
			response.destroy();
		} else {
			const failure = toHttpError(service, error);
			exchange.facts['code'] = failure.code;
			sendFailure(request, response, failure);
		}
	}
	logRequest(service, exchange, startedAtMs);
}
