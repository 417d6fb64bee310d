import { DomainError, invalid } from '#lib/server/errors.ts';

/** A sender who is silent for this long is gone, or holds a place somebody else could have. */
const SILENCE_LIMIT_MS = 60_000;

/** How long a refused body is still read. */
const DRAIN_LIMIT_MS = 10_000;

/**
 * The chunks of a request's body, one at a time: the next one is read when the previous one is
 * done with. Ends early without closing the connection, so that a refusal can be answered.
 * @throws the signal's reason when it is aborted, DomainError 408 `upload_stalled` after a minute
 * of silence, 400 `upload_interrupted` when the connection breaks
 */
export async function* bodyChunks(
	body: ReadableStream<Uint8Array> | null,
	signal: AbortSignal
): AsyncGenerator<Uint8Array, void, undefined> {
	if (!body) return;
	const reader = body.getReader();
	let interrupt: ((reason: unknown) => void) | undefined;
	const abort = () => interrupt?.(signal.reason);
	const silence = setTimeout(() => interrupt?.(stalled()), SILENCE_LIMIT_MS).unref();
	signal.addEventListener('abort', abort);
	try {
		for (;;) {
			signal.throwIfAborted();
			silence.refresh();
			// one plain promise per chunk: racing with a long-lived one would grow with every chunk
			const { done, value } = await new Promise<ReadableStreamReadResult<Uint8Array>>(
				(resolve, reject) => {
					interrupt = reject;
					reader.read().then(resolve, (cause: unknown) => reject(interrupted(cause)));
				}
			);
			interrupt = undefined;
			if (done) return;
			yield value;
		}
	} finally {
		clearTimeout(silence);
		signal.removeEventListener('abort', abort);
		reader.releaseLock();
	}
}

const interrupted = (cause: unknown) =>
	invalid('upload_interrupted', 'the connection broke before everything had arrived', { cause });

const stalled = () =>
	new DomainError(
		408,
		'upload_stalled',
		'nothing arrived for a minute, so the upload was stopped. try again when the connection is better'
	);

/**
 * Reads on after a refusal, for a moment, so that the sender gets to see the answer. Closes the
 * connection when the rest is long, or slow.
 */
export async function drainBody(
	body: ReadableStream<Uint8Array> | null,
	limitBytes: number
): Promise<void> {
	if (!body || body.locked) return;
	let bytes = 0;
	try {
		for await (const chunk of bodyChunks(body, AbortSignal.timeout(DRAIN_LIMIT_MS))) {
			bytes += chunk.byteLength;
			if (bytes > limitBytes) break;
		}
		await body.cancel();
	} catch {
		// the sender left or takes too long: there is nobody to tell
		await body.cancel().catch(() => undefined);
	}
}
