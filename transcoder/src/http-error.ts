/** Headers a failure adds to its answer, by lower-case name. */
type ExtraHeaders = Record<string, string>;

/** A failure that has an HTTP answer: `{ error: message, code }` with this status. */
export class HttpError extends Error {
	override readonly name = 'HttpError';
	readonly status: number;
	readonly code: string;
	readonly headers: ExtraHeaders;

	constructor(status: number, code: string, message: string, headers: ExtraHeaders = {}) {
		super(message);
		this.status = status;
		this.code = code;
		this.headers = headers;
	}
}

/** 400: the request or the file in it cannot be used; trying the same again cannot help. */
export function badRequest(code: string, message: string): HttpError {
	return new HttpError(400, code, `bad request: ${message}`);
}

/** 400 `not_audio`: nothing in the file can be decoded; `found` says in plain words what it is. */
export function notAudio(found: string): HttpError {
	return badRequest('not_audio', `this file has no sound that can be read. found: ${found}`);
}

/** 413: the body is longer than `maxBytes`. */
export function bodyTooLarge(maxBytes: number): HttpError {
	return new HttpError(
		413,
		'too_large',
		`the file is larger than ${maxBytes} bytes, the most this service accepts`
	);
}

/** 503 with Retry-After: the same request can succeed in `retryAfterSeconds`. */
export function tryLater(code: string, message: string, retryAfterSeconds: number): HttpError {
	return new HttpError(503, code, message, { 'retry-after': String(retryAfterSeconds) });
}

/** 500 with the one line of ffmpeg that explains it; `line` holds no path of this machine. */
export function ffmpegFailed(line: string): HttpError {
	return new HttpError(500, 'ffmpeg_failed', `ffmpeg error: ${line}`);
}

const DISK_FULL_RETRY_SECONDS = 30;

/** 503 `disk_full`: other requests hold what the temp folder's disk has. */
export function diskFull(): HttpError {
	const sentence = 'the disk for temporary files is full. try again later';
	return tryLater('disk_full', sentence, DISK_FULL_RETRY_SECONDS);
}
