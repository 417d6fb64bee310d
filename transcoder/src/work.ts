import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { ClientGone } from './active-work.ts';
import type { Job } from './job.ts';
import { HttpError, tryLater } from './http-error.ts';
import { receive, refuseByLength } from './receive.ts';
import type { Service } from './service.ts';

/** One request and its answer, with what the log line says about it. */
export interface Exchange {
	request: IncomingMessage;
	response: ServerResponse;
	/** Grows while the request is handled. */
	facts: Record<string, unknown>;
}

/** What a route does once the file is on the disk. */
export interface Steps<Result> {
	/** Runs the programs, under the time limit. What it returns must not need the job's folder. */
	work: (job: Job) => Promise<Result>;
	/** Answers, when the job's folder is gone already. */
	answer: (result: Result, receivedName: string | null) => Promise<void>;
}

const BUSY_RETRY_SECONDS = 5;
/** A connection over which no byte moves for this long is dropped. */
const STALLED_AFTER_MS = 60_000;
/** Decoding can only make a file larger by so much before it is not a conversion but an attack. */
const MAX_GROWTH = 4;

function timedOut(timeoutMs: number): HttpError {
	return new HttpError(
		504,
		'timeout',
		`this file was not finished within ${timeoutMs / 1000} seconds, the most one request may take`
	);
}

/** Lets Node drop the connection, and with it the work, when no byte moves while some should. */
async function whileBytesMove<Result>(
	{ request, response }: Exchange,
	transfer: () => Promise<Result>
): Promise<Result> {
	request.socket.setTimeout(STALLED_AFTER_MS);
	try {
		return await transfer();
	} finally {
		// After the answer the socket's timer already counts for the next request.
		if (!response.writableFinished) request.socket.setTimeout(0);
	}
}

async function workInTime<Result>(
	controller: AbortController,
	timeoutMs: number,
	work: () => Promise<Result>
): Promise<Result> {
	const timer = setTimeout(() => controller.abort(timedOut(timeoutMs)), timeoutMs);
	try {
		return await work();
	} finally {
		clearTimeout(timer);
	}
}

/** What the work came to, and the name of the file it was done on. */
interface Outcome<Result> {
	result: Result;
	receivedName: string | null;
}

async function workInFolder<Result>(
	service: Service,
	exchange: Exchange,
	steps: Steps<Result>,
	controller: AbortController
): Promise<Outcome<Result>> {
	const { request, response, facts } = exchange;
	const { maxUploadBytes, timeoutMs } = service.config;
	const { signal } = controller;
	const tools = await service.tools.require();
	const folder = await service.folders.create();
	try {
		const inputPath = join(folder, 'input');
		if (request.headers.expect !== undefined) response.writeContinue();
		const { sizeBytes, fileName } = await whileBytesMove(exchange, () =>
			receive(request, { path: inputPath, maxBytes: maxUploadBytes, signal })
		);
		facts['receivedBytes'] = sizeBytes;
		const maxOutputBytes = maxUploadBytes * MAX_GROWTH;
		const job = { tools, folder, inputPath, sizeBytes, signal, timeoutMs, maxOutputBytes };
		const result = await service.limit.run(() =>
			workInTime(controller, timeoutMs, () => steps.work(job))
		);
		return { result, receivedName: fileName };
	} finally {
		await service.folders.remove(folder);
	}
}

async function runSteps<Result>(
	service: Service,
	exchange: Exchange,
	steps: Steps<Result>,
	controller: AbortController
): Promise<void> {
	const { request, response } = exchange;
	// a client that asked first would else send after a while of silence, and a connection nobody
	// reads from does not tell when its client has left
	if (request.headers.expect !== undefined && service.limit.isFull) response.writeProcessing();
	const release = await service.limit.take(controller.signal);
	if (release === null) {
		const sentence = `all ${service.limit.concurrency} places are taken. try again in ${BUSY_RETRY_SECONDS} seconds`;
		throw tryLater('busy', sentence, BUSY_RETRY_SECONDS);
	}
	try {
		const { result, receivedName } = await workInFolder(service, exchange, steps, controller);
		await whileBytesMove(exchange, () => steps.answer(result, receivedName));
	} finally {
		release();
	}
}

/**
 * Takes one request through its life: a place, a temp folder, the body, the programs, the answer;
 * and gives everything back however it ends.
 *
 * Throws 413 `too_large` before reading, 503 `busy` when no place became free, 504 `timeout`,
 * ClientGone, and whatever the steps throw.
 */
export async function doWork<Result>(
	service: Service,
	exchange: Exchange,
	steps: Steps<Result>
): Promise<void> {
	const { request, response } = exchange;
	refuseByLength(request, service.config.maxUploadBytes);
	const controller = new AbortController();
	controller.signal.addEventListener('abort', () => {
		// Wakes up whoever waits for bytes to arrive or to leave.
		if (controller.signal.reason instanceof ClientGone) request.socket.destroy();
	});
	const onClose = (): void => {
		if (!response.writableFinished) controller.abort(new ClientGone('the client has left'));
	};
	response.once('close', onClose);
	try {
		await service.active.track(controller, () => runSteps(service, exchange, steps, controller));
	} finally {
		response.off('close', onClose);
	}
}
