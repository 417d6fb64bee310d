/**
 * A refusal with a reason. Use-cases throw it through the functions below; pages show its
 * sentence, `/api` answers it as JSON. It is a plain class so that jobs, the command line and
 * tests can throw and read it without a running SvelteKit.
 */
export class DomainError extends Error {
	readonly status: number;
	readonly code: string;
	/** more than the sentence, for programs: sent as `detail` when present */
	readonly detail: unknown;
	/** seconds after which trying again makes sense, sent as Retry-After */
	readonly retryAfterSeconds: number | undefined;

	constructor(
		status: number,
		code: string,
		message: string,
		options: { detail?: unknown; retryAfterSeconds?: number; cause?: unknown } = {}
	) {
		super(message, { cause: options.cause });
		this.name = 'DomainError';
		this.status = status;
		this.code = code;
		this.detail = options.detail;
		this.retryAfterSeconds = options.retryAfterSeconds;
	}
}

type Options = ConstructorParameters<typeof DomainError>[3];

/** 400: the request cannot be carried out as it was sent. */
export const invalid = (code: string, message: string, options?: Options) =>
	new DomainError(400, code, message, options);

/** 401: nobody is signed in, or the session has ended. */
export const signInRequired = (message = 'not authenticated - login required') =>
	new DomainError(401, 'not_authenticated', message);

/** 403: signed in, but this is not theirs to do. */
export const forbidden = (code: string, message: string, options?: Options) =>
	new DomainError(403, code, message, options);

/** 404: there is no such thing, or none this viewer may see. */
export const notFound = (message: string, code = 'not_found') =>
	new DomainError(404, code, message);

/** 409: it collides with something that exists already. */
export const conflict = (code: string, message: string, options?: Options) =>
	new DomainError(409, code, message, options);

/** 413: more bytes than this place takes. */
export const tooLarge = (code: string, message: string, options?: Options) =>
	new DomainError(413, code, message, options);

/** 422: a field or parameter does not fit; `field` names it. */
export const unprocessable = (field: string, message: string) =>
	new DomainError(422, 'invalid_field', message, { detail: { field, message } });

/** 429: too often; says when to come back. */
export const tooMany = (message: string, retryAfterSeconds: number) =>
	new DomainError(429, 'too_many_requests', message, { retryAfterSeconds });

/** 429: a limit over time is reached; the message says when to go on. */
export const limitReached = (message: string, retryAfterSeconds: number) =>
	new DomainError(429, 'limit_reached', message, { retryAfterSeconds });

/** 502/503: something we depend on does not answer; trying again later makes sense. */
export const unavailable = (code: string, message: string, options?: Options) =>
	new DomainError(503, code, message, options);
