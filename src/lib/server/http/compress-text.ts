import type { Handle } from '@sveltejs/kit';
import { pipeline, Readable } from 'node:stream';
import { promisify } from 'node:util';
import { brotliCompress, constants, createBrotliCompress, createGzip, gzip } from 'node:zlib';
import { chooseEncoding, type Encoding } from './accepts-encoding.ts';
import { addVary } from './vary.ts';

/** What is text by its type. Events are sent one by one, each at once: they stay as they are. */
const TEXT =
	/^(?:text\/(?!event-stream)[\w.+-]+|application\/(?:[\w.-]+\+)?(?:json|xml)|application\/javascript|image\/svg\+xml)\b/i;

/** Below it the head of an answer weighs more than what would be saved. */
const MIN_BYTES = 1024;

/** brotli at 4 is smaller than gzip at 6, and as fast */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };
const GZIP = { level: 6 };

/**
 * Sends text compressed to whoever takes it so: pages, JSON, XML and drawings. What a page sends in
 * parts still arrives in parts. Files of the build are compressed beforehand, by adapter-node.
 */
export const compressText: Handle = async ({ event, resolve }) => {
	const response = await resolve(event);
	const { headers, body } = response;
	if (!isCompressible(headers)) return response;
	addVary(headers, 'accept-encoding');
	const encoding = chooseEncoding(event.request.headers.get('accept-encoding'));
	const isSent = body !== null && event.request.method !== 'HEAD';
	if (encoding === null || !isSent) return response;
	const { status, statusText } = response;
	const length = headers.get('content-length');
	const compressed = new Headers(headers);
	compressed.set('content-encoding', encoding);
	// the same tag would name two forms of one answer
	const etag = headers.get('etag');
	if (etag !== null && !etag.startsWith('W/')) compressed.set('etag', `W/${etag}`);
	if (length === null) {
		const parts = compressParts(body, encoding);
		return new Response(parts, { status, statusText, headers: compressed });
	}
	const whole = await compressWhole(await response.arrayBuffer(), encoding);
	compressed.set('content-length', String(whole.byteLength));
	return new Response(whole, { status, statusText, headers: compressed });
};

function isCompressible(headers: Headers): boolean {
	if (!TEXT.test(headers.get('content-type') ?? '')) return false;
	if (headers.has('content-encoding') || headers.has('content-range')) return false;
	if (/no-transform/i.test(headers.get('cache-control') ?? '')) return false;
	const isPage = headers.get('content-type')?.startsWith('text/html') ?? false;
	// a strong tag is what a later change has to name: it stays what it is
	if (!isPage && headers.get('etag')?.startsWith('"')) return false;
	const length = headers.get('content-length');
	return length === null || Number(length) >= MIN_BYTES;
}

const brotliWhole = promisify<ArrayBuffer, typeof BROTLI, Buffer<ArrayBuffer>>(brotliCompress);
const gzipWhole = promisify<ArrayBuffer, typeof GZIP, Buffer<ArrayBuffer>>(gzip);

const compressWhole = (bytes: ArrayBuffer, encoding: Encoding): Promise<Buffer<ArrayBuffer>> =>
	encoding === 'br' ? brotliWhole(bytes, BROTLI) : gzipWhole(bytes, GZIP);

/** Each part is sent as soon as it is there; when the other side goes, the source is told. */
function compressParts(
	body: ReadableStream<Uint8Array>,
	encoding: Encoding
): ReadableStream<Uint8Array> {
	const compressor =
		encoding === 'br'
			? createBrotliCompress({ ...BROTLI, flush: constants.BROTLI_OPERATION_FLUSH })
			: createGzip({ ...GZIP, flush: constants.Z_SYNC_FLUSH });
	// whoever reads the other end is told of a failure by it
	pipeline(Readable.fromWeb(body as never), compressor, () => undefined);
	return Readable.toWeb(compressor) as ReadableStream<Uint8Array>;
}
