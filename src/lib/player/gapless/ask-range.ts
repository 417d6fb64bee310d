/** Asked for first: sound begins with it. */
export const HEAD_BYTES = 64 * 1024;
const LARGE_HEAD_BYTES = 5 * HEAD_BYTES;
const TIME_LIMIT_MS = 30_000;

/**
 * How much to ask for first. Of what is large for its length the head is over before the next answer may
 * have come: what follows it is in the same one.
 */
export const firstBytes = (fileType: string): number =>
	/wav|flac/.test(fileType) ? LARGE_HEAD_BYTES : HEAD_BYTES;

/** Asks for bytes of a file on the web. @throws TypeError without a line; DOMException when called off or too slow */
export function askRange(
	url: string,
	start: number,
	length: number,
	signal: AbortSignal
): Promise<Response> {
	return fetch(url, {
		headers: { range: `bytes=${start}-${start + length - 1}` },
		signal: AbortSignal.any([signal, AbortSignal.timeout(TIME_LIMIT_MS)])
	});
}
