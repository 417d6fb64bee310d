import { ObjectNotFound, ObjectTooShort } from '#lib/server/storage/errors.ts';
import type { Storage } from '#lib/server/storage/storage.ts';
import { contentDisposition } from './content-disposition.ts';
import { judgeConditions, rangeApplies } from './conditional-request.ts';
import { type ByteRange, parseRange } from './ranges.ts';
import { multipartBody } from './send-object-multipart.ts';

/** A stored object as its row in the database describes it. */
export interface SendableObject {
	key: string;
	sizeBytes: number;
	contentType: string;
	/** 64 hexadecimal digits: the entity tag is made of it */
	sha256: string;
	lastModified: Date;
	/** what a browser calls the file when somebody saves it */
	fileName?: string;
}

const ETAG_DIGITS = 32;

// anybody may play and analyse audio from any page: it is public, and no cookie changes it
const CORS = {
	'access-control-allow-origin': '*',
	'access-control-expose-headers':
		'accept-ranges, content-length, content-range, etag, last-modified',
	'cross-origin-resource-policy': 'cross-origin'
};

/**
 * Answers GET and HEAD for one immutable object: whole, in one or several ranges, or not at all
 * because the client has it (RFC 9110 §13, §14, §15.3.7). Bytes are read as the client takes them,
 * 64 KiB at a time.
 * @throws ObjectNotFound when the store has no such object, ObjectTooShort when it holds less than
 *   its row says; both before anything is sent
 */
export async function sendObject(
	request: Request,
	storage: Pick<Storage, 'read' | 'head'>,
	object: SendableObject
): Promise<Response> {
	const etag = `"${object.sha256.slice(0, ETAG_DIGITS)}"`;
	const validators = { etag, lastModified: object.lastModified };
	const headers = headersOf(object, etag);
	const verdict = judgeConditions(request.headers, validators);
	if (verdict === 'not-modified') return new Response(null, { status: 304, headers });
	if (verdict === 'precondition-failed') return refusal(412, {});

	if (request.method === 'HEAD') {
		// a range means nothing here (§14.2), but that the object is there does
		await mustExist(storage, object);
		return new Response(null, { headers: { ...headers, ...entity(object) } });
	}
	const wanted = rangeApplies(request.headers, validators)
		? parseRange(request.headers.get('range'), object.sizeBytes)
		: { kind: 'whole' as const };
	if (wanted.kind === 'unsatisfiable') {
		return refusal(416, { 'content-range': `bytes */${object.sizeBytes}` });
	}
	const open: Open = (range) => storage.read(object.key, { ...range, signal: request.signal });
	if (wanted.kind === 'partial') {
		return await sendRanges(storage, object, wanted.ranges, headers, open);
	}
	const all = { start: 0, end: object.sizeBytes - 1 };
	const body = await open(object.sizeBytes > 0 ? all : {});
	return new Response(body, { headers: { ...headers, ...entity(object) } });
}

type Open = (range: Partial<ByteRange>) => Promise<ReadableStream<Uint8Array>>;

async function sendRanges(
	storage: Pick<Storage, 'head'>,
	object: SendableObject,
	ranges: [ByteRange, ...ByteRange[]],
	headers: Record<string, string>,
	open: Open
): Promise<Response> {
	const [only, ...others] = ranges;
	if (others.length === 0) {
		const part = {
			'content-type': object.contentType,
			'content-length': String(only.end - only.start + 1),
			'content-range': `bytes ${only.start}-${only.end}/${object.sizeBytes}`
		};
		return new Response(await open(only), { status: 206, headers: { ...headers, ...part } });
	}
	// its ranges are opened when the client gets to them: too late to say that there are none
	await mustExist(storage, object);
	const body = multipartBody(object, ranges, open);
	const parts = { 'content-type': body.contentType, 'content-length': String(body.lengthBytes) };
	return new Response(body.stream, { status: 206, headers: { ...headers, ...parts } });
}

/** Answers OPTIONS: which requests pages of other origins may make. */
export function sendObjectPreflight(): Response {
	return new Response(null, {
		status: 204,
		headers: {
			...CORS,
			'access-control-allow-methods': 'GET, HEAD, OPTIONS',
			'access-control-allow-headers': 'range, if-range, if-match, if-none-match, if-modified-since',
			'access-control-max-age': '86400'
		}
	});
}

function headersOf(object: SendableObject, etag: string): Record<string, string> {
	return {
		...CORS,
		'accept-ranges': 'bytes',
		'cache-control': 'public, max-age=31536000, immutable',
		'content-disposition': contentDisposition('inline', object.fileName),
		'last-modified': object.lastModified.toUTCString(),
		'x-content-type-options': 'nosniff',
		etag
	};
}

const entity = (object: SendableObject): Record<string, string> => ({
	'content-type': object.contentType,
	'content-length': String(object.sizeBytes)
});

async function mustExist(storage: Pick<Storage, 'head'>, object: SendableObject): Promise<void> {
	const facts = await storage.head(object.key);
	if (!facts) throw new ObjectNotFound(object.key);
	if (facts.sizeBytes < object.sizeBytes) throw new ObjectTooShort(object.key);
}

function refusal(status: number, headers: Record<string, string>): Response {
	const all = { ...CORS, 'cache-control': 'no-store', 'content-length': '0', ...headers };
	return new Response(null, { status, headers: all });
}
