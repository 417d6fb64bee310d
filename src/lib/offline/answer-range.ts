/**
 * Answers a request for a part of something that is kept whole, as RFC 9110 §14 has it: media elements
 * ask for parts, and a cache knows only the whole.
 * @param kept a whole answer, 200
 * @param range the request's header; null: everything
 */
export async function answerRange(kept: Response, range: string | null): Promise<Response> {
	if (range === null) return kept;
	const body = await kept.blob();
	const part = parseRange(range, body.size);
	if (part === 'ignored') return new Response(body, { headers: kept.headers });
	const headers = new Headers(kept.headers);
	if (part === null) {
		headers.set('content-range', `bytes */${body.size}`);
		headers.set('content-length', '0');
		return new Response(null, { status: 416, headers });
	}
	const { first, last } = part;
	headers.set('content-range', `bytes ${first}-${last}/${body.size}`);
	headers.set('content-length', `${last - first + 1}`);
	// a blob is a reference: only the part is read
	return new Response(body.slice(first, last + 1), { status: 206, headers });
}

/** Both ends are part of it. null: there is no such part; `ignored`: it asks in another way. */
function parseRange(
	range: string,
	sizeBytes: number
): { first: number; last: number } | 'ignored' | null {
	const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(range) ?? [];
	if (from === '' && to === '') return 'ignored';
	const end = sizeBytes - 1;
	// "-500": the last 500
	const first = from === '' ? Math.max(0, sizeBytes - Number(to)) : Number(from);
	const last = from === '' || to === '' ? end : Math.min(Number(to), end);
	return first > last || first > end ? null : { first, last };
}
