import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import {
	FfmpegMissing,
	NotAudio,
	TranscoderBusy,
	TranscoderRefused,
	TranscoderUnreachable
} from './transcoder-errors.ts';
import { type OpenSource, postFile, readAnswer } from './transcoder-request.ts';

/** Where a transcoder is, and the key it expects. */
export interface TranscoderAddress {
	url: string;
	key: string;
}

const analysis = z.object({
	container: z.string(),
	codec: z.string(),
	sampleRateHz: z.number().int().positive(),
	channels: z.number().int().positive(),
	bitRateBps: z.number().int().nonnegative(),
	/** counted from the decoded samples */
	durationMs: z.number().int().nonnegative(),
	/** what the container promises */
	expectedDurationMs: z.number().int().nonnegative().nullable(),
	/** the container promises more sound than there is */
	truncated: z.boolean(),
	decodeErrors: z.boolean(),
	/** names in lower case */
	tags: z.record(z.string()),
	loudnessLufs: z.number().nullable(),
	truePeakDbtp: z.number().nullable(),
	/** 1,800 of 0–255 */
	peaks: z.array(z.number().int().min(0).max(255)).length(1800),
	hasVideo: z.boolean()
});

/** What POST /analyse found: transcoder/README.md. */
export type Analysis = z.infer<typeof analysis>;

/** What a file can be converted to here: an mp3 of 320 kbit/s, or of 128. */
export type TranscodeTarget = 'mp3' | 'mp3-128';

/** A file to work on. */
export interface FileToSend {
	/** called again when a request is repeated */
	open: OpenSource;
	sizeBytes: number;
}

/** How often a request that was turned away before anything was read is repeated here. */
const ATTEMPTS = 4;
/** A longer wait is the job's business. */
const LONGEST_PAUSE_MS = 3_000;

/** Speaks with a transcoder over HTTP, in streams. */
export class TranscoderClient {
	readonly #locate: () => Promise<TranscoderAddress>;
	readonly #timeoutMs: number;

	/** @param timeoutMs what one request may take in all, the transfers included */
	constructor(locate: () => Promise<TranscoderAddress>, timeoutMs: number) {
		this.#locate = locate;
		this.#timeoutMs = timeoutMs;
	}

	/**
	 * Measures a file.
	 * @throws NotAudio, TranscoderRefused, FfmpegMissing, TranscoderBusy, TranscoderUnreachable
	 */
	async analyse(file: FileToSend, signal: AbortSignal): Promise<Analysis> {
		const response = await this.#post('/analyse', file, signal);
		const parsed = analysis.safeParse(JSON.parse(await this.#read(response, signal)));
		if (parsed.success) return parsed.data;
		throw new TranscoderUnreachable(parsed.error);
	}

	/**
	 * Converts a file. The answer is read as fast as its reader takes it; a conversion that breaks
	 * off ends the stream with an error.
	 * @throws as `analyse`
	 */
	async transcode(
		file: FileToSend,
		target: TranscodeTarget,
		signal: AbortSignal
	): Promise<IncomingMessage> {
		return await this.#post(`/transcode?target=${target}`, file, signal);
	}

	async #read(response: IncomingMessage, signal: AbortSignal): Promise<string> {
		try {
			return await readAnswer(response);
		} catch (cause) {
			signal.throwIfAborted();
			throw new TranscoderUnreachable(cause);
		}
	}

	async #post(path: string, file: FileToSend, stop: AbortSignal): Promise<IncomingMessage> {
		const signal = AbortSignal.any([stop, AbortSignal.timeout(this.#timeoutMs)]);
		for (let attempt = 1; ; attempt++) {
			try {
				return await this.#postOnce(path, file, signal);
			} catch (cause) {
				stop.throwIfAborted();
				if (signal.aborted) throw new TranscoderUnreachable(cause);
				const pauseMs = pauseBeforeRepeating(cause);
				if (pauseMs === null || attempt === ATTEMPTS) throw cause;
				await sleep(pauseMs, undefined, { signal: stop });
			}
		}
	}

	async #postOnce(path: string, file: FileToSend, signal: AbortSignal): Promise<IncomingMessage> {
		const { url, key } = await this.#locate();
		let sourceFailure: Error | undefined;
		const source: OpenSource = async (reading) => {
			try {
				return await file.open(reading);
			} catch (cause) {
				// the storage's trouble, not the transcoder's
				sourceFailure = cause instanceof Error ? cause : new Error(String(cause));
				throw sourceFailure;
			}
		};
		const { sizeBytes } = file;
		let response: IncomingMessage;
		try {
			response = await postFile({ url: new URL(path, url), key, source, sizeBytes, signal });
		} catch (cause) {
			if (sourceFailure) throw sourceFailure;
			throw new TranscoderUnreachable(cause);
		}
		if (response.statusCode === 200) return response;
		const answer = await this.#read(response, signal);
		// the rest of the file need not be sent
		response.destroy();
		throw refusal(response, answer);
	}
}

/** How long to wait before the same request can be made again; null: not here. */
function pauseBeforeRepeating(cause: unknown): number | null {
	if (cause instanceof TranscoderBusy) {
		return Math.min((cause.retryAfterSeconds ?? 1) * 1000, LONGEST_PAUSE_MS);
	}
	// refused connections read nothing: our own transcoder is just starting again
	if (cause instanceof TranscoderUnreachable && isRefusedConnection(cause.cause)) return 1_000;
	return null;
}

const isRefusedConnection = (cause: unknown) =>
	cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED';

const failure = z.object({ error: z.string(), code: z.string() });

function refusal(response: IncomingMessage, text: string): Error {
	const status = response.statusCode ?? 0;
	let body: z.infer<typeof failure>;
	try {
		body = failure.parse(JSON.parse(text));
	} catch (cause) {
		return new TranscoderUnreachable(
			new Error(`the transcoder answered ${status}: ${text.slice(0, 200)}`, { cause })
		);
	}
	const sentence = body.error.replace(/^bad request: /, '');
	if (body.code === 'not_audio') return new NotAudio(sentence);
	if (body.code === 'ffmpeg_missing') return new FfmpegMissing();
	// the file's own fault: it would be refused again
	if (status === 400 || status === 413 || status === 504 || body.code === 'ffmpeg_failed') {
		return new TranscoderRefused(body.code, sentence);
	}
	if (status === 503) return new TranscoderBusy(Number(response.headers['retry-after']) || 5);
	return new TranscoderUnreachable(new Error(`the transcoder answered ${status}: ${sentence}`));
}
