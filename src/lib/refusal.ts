/** The server's refusal, in its own words. */
export class RefusedError extends Error {
	readonly status: number;
	/** stable and snake_case; null when something between us and the server answered */
	readonly code: string | null;
	/** when the same may be asked again; null when nothing was said about it */
	readonly retryAfterSeconds: number | null;
	/** the name of the field that does not fit; null when it is about none */
	readonly field: string | null;

	constructor(
		status: number,
		message: string,
		code: string | null,
		retryAfterSeconds: number | null = null,
		field: string | null = null
	) {
		super(message);
		this.name = 'RefusedError';
		this.status = status;
		this.code = code;
		this.retryAfterSeconds = retryAfterSeconds;
		this.field = field;
	}
}

/**
 * Reads an answer that is not a success: our endpoints say why in JSON, a proxy may say anything.
 * @param retryAfter the header, in seconds; a date is not understood
 */
export function readRefusal(
	status: number,
	body: string,
	retryAfter: string | null = null
): RefusedError {
	const { detail, code } = parse(body);
	const { message, field } =
		typeof detail === 'string'
			? { message: detail, field: null }
			: ((detail ?? {}) as { message?: string; field?: unknown });
	return new RefusedError(
		status,
		message ?? sentenceFor(status),
		typeof code === 'string' ? code : null,
		/^\d{1,6}$/.test(retryAfter ?? '') ? Number(retryAfter) : null,
		typeof field === 'string' ? field : null
	);
}

/** The same of an answer to fetch. */
export async function refusalOf(response: Response): Promise<RefusedError> {
	return readRefusal(response.status, await response.text(), response.headers.get('retry-after'));
}

function parse(body: string): { detail?: unknown; code?: unknown } {
	try {
		const answer: unknown = JSON.parse(body);
		return typeof answer === 'object' && answer !== null ? answer : {};
	} catch {
		return {};
	}
}

function sentenceFor(status: number): string {
	if (status === 0) {
		return 'the connection to the server is lost. choose the same file again to go on where it stopped';
	}
	if (status === 401) {
		return 'you are signed out. sign in again, then choose the same file: it goes on where it stopped';
	}
	if (status === 413) return 'the file is larger than this site takes';
	return 'the server would not take the file. try again in a moment';
}
