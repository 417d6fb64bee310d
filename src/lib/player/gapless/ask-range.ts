/** Asked for first: sound begins with it. */
export const HEAD_BYTES = 64 * 1024;
const TIME_LIMIT_MS = 30_000;

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
