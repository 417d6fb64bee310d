import type { Viewer } from '#lib/auth/viewer.ts';
import type { Context } from '#lib/server/context.ts';
import type { UploadFields } from '#lib/server/db/schema.ts';
import { DomainError, invalid } from '#lib/server/errors.ts';
import { beginUpload } from './begin-tus.ts';
import { emptyFile, fileTooLarge } from './incoming.ts';
import { uploadNotFound } from './not-found.ts';
import type { UploadRow } from './queries.ts';
import { finishForClient, type SizedUpload } from './finish.ts';
import { receivePart, uploadComplete } from './tus-bytes.ts';
import {
	readChecksum,
	readCount,
	readMetadata,
	TUS_EXTENSIONS,
	TUS_VERSION,
	writeMetadata
} from './tus-headers.ts';
import { discardUpload, ownUpload } from './uploads.ts';

/** Where uploads are created; each lives below it under its id. */
const TUS_PATH = '/api/uploads/tus';

const PART_TYPE = 'application/offset+octet-stream';

/**
 * The bytes come over a connection of their own. On one that carried a request before, browsers send
 * a part that broke off once more by themselves, from its beginning, and without telling anybody.
 */
const CLOSING = { connection: 'close' };

/**
 * Answers one request of the tus protocol 1.0 with its extensions creation, creation-with-upload,
 * termination, expiration and checksum (sha256).
 * @param id of the upload; null: the place where uploads are created
 * @throws DomainError with the status the protocol asks for: 400, 404, 409, 410, 412, 413, 415, 460
 */
export async function answerTus(
	ctx: Context,
	viewer: Viewer,
	request: Request,
	id: string | null
): Promise<Response> {
	const method = methodOf(request);
	if (request.headers.get('tus-resumable') !== TUS_VERSION) {
		throw new DomainError(412, 'tus_version', `Tus-Resumable must be ${TUS_VERSION}`);
	}
	if (id === null && method === 'POST') return await create(ctx, viewer, request);
	if (id === null) throw notAllowed('POST creates an upload');
	if (method === 'HEAD') return await tell(ctx, viewer, id);
	if (method === 'PATCH') return await patch(ctx, viewer, request, id);
	if (method === 'DELETE') {
		await discardUpload(ctx, viewer, id);
		return new Response(null, { status: 204 });
	}
	throw notAllowed('an upload knows HEAD, PATCH and DELETE');
}

/** Only POST may stand for another method: it is what was checked for where it comes from. */
function methodOf({ method, headers }: Request): string {
	if (method !== 'POST') return method;
	return headers.get('x-http-method-override') ?? method;
}

const notAllowed = (sentence: string) => new DomainError(405, 'method_not_allowed', sentence);

/** What every answer carries, also those to OPTIONS and to failures. */
export function tusHeaders(maxBytes: number): Record<string, string> {
	return {
		'tus-resumable': TUS_VERSION,
		'tus-version': TUS_VERSION,
		'tus-extension': TUS_EXTENSIONS,
		'tus-max-size': String(maxBytes),
		'tus-checksum-algorithm': 'sha256',
		'cache-control': 'no-store'
	};
}

async function create(ctx: Context, viewer: Viewer, request: Request): Promise<Response> {
	const { headers } = request;
	const sizeBytes = readCount(headers, 'upload-length');
	if (sizeBytes === undefined) {
		throw invalid('missing_length', 'Upload-Length is needed: how many bytes the file has');
	}
	if (sizeBytes === 0) throw emptyFile();
	if (sizeBytes > ctx.config.maxUploadBytes) throw fileTooLarge(ctx.config.maxUploadBytes);
	const metadata = readMetadata(headers.get('upload-metadata'));
	const begun = await beginUpload(ctx, viewer, metadata, sizeBytes);
	const upload = { ...begun.row, size_bytes: sizeBytes };
	const answer = { status: 201, headers: { location: `${TUS_PATH}/${upload.id}`, ...CLOSING } };
	// what came with the first request is there, however much of it: the rest is sent from its end on
	if (begun.isRepeat) return progressAnswer(upload, await storedBytesOf(ctx, upload), answer);
	if (headers.get('content-type') !== PART_TYPE) return progressAnswer(upload, 0, answer);
	const row = await receivePart(ctx, upload, partOf(request, 0));
	return progressAnswer(row, row.received_bytes, answer);
}

async function tell(ctx: Context, viewer: Viewer, id: string): Promise<Response> {
	const found = await ownTusUpload(ctx, viewer, id);
	const storedBytes = await storedBytesOf(ctx, found);
	const row = storedBytes === found.size_bytes ? await finishForClient(ctx, found) : found;
	return progressAnswer(row, storedBytes, {
		status: 200,
		headers: {
			...CLOSING,
			'upload-length': String(found.size_bytes),
			'upload-metadata': metadataOf(row.file_name, row.fields)
		}
	});
}

async function patch(
	ctx: Context,
	viewer: Viewer,
	request: Request,
	id: string
): Promise<Response> {
	const { headers } = request;
	if (headers.get('content-type') !== PART_TYPE) {
		throw new DomainError(415, 'wrong_content_type', `a part is sent as ${PART_TYPE}`);
	}
	const offsetBytes = readCount(headers, 'upload-offset');
	if (offsetBytes === undefined) {
		throw invalid('missing_offset', 'Upload-Offset is needed: where this part begins');
	}
	const upload = await ownTusUpload(ctx, viewer, id);
	const answer = { status: 204, headers: {} };
	if (upload.status !== 'receiving') {
		if (offsetBytes === upload.size_bytes) return progressAnswer(upload, offsetBytes, answer);
		throw uploadComplete();
	}
	const row = await receivePart(ctx, upload, partOf(request, offsetBytes));
	return progressAnswer(row, row.received_bytes, answer);
}

/** Where an upload stands, as headers; when it ends (RFC 9110 date) while it is unfinished. */
function progressAnswer(
	row: UploadRow,
	offsetBytes: number,
	answer: { status: number; headers: Record<string, string> }
): Response {
	const headers = new Headers({ ...answer.headers, 'upload-offset': String(offsetBytes) });
	if (row.status === 'receiving' && row.expires_at) {
		headers.set('upload-expires', row.expires_at.toUTCString());
	}
	return new Response(null, { status: answer.status, headers });
}

const partOf = (request: Request, offsetBytes: number) => ({
	offsetBytes,
	body: request.body,
	checksum: readChecksum(request.headers.get('upload-checksum'))
});

/** An upload of the viewer's that was declared with a length, and has not run out. */
async function ownTusUpload(ctx: Context, viewer: Viewer, id: string): Promise<SizedUpload> {
	const row = await ownUpload(ctx, viewer, id);
	if (row.size_bytes === null) throw uploadNotFound();
	const hasRunOut = row.status === 'receiving' && row.expires_at && row.expires_at < new Date();
	// in a release its row stays, and whatever has not been swept yet is of use
	if (hasRunOut && row.release_id === null) {
		throw new DomainError(
			410,
			'upload_expired',
			'this upload was not finished within a day, so it was removed. begin again'
		);
	}
	return { ...row, size_bytes: row.size_bytes };
}

/** What is really there: the row may lag behind after a crash. */
async function storedBytesOf(ctx: Context, upload: SizedUpload): Promise<number> {
	if (upload.status !== 'receiving') return upload.size_bytes;
	return (await ctx.storage.staging.size(upload.id)) ?? 0;
}

const metadataOf = (fileName: string, fields: UploadFields) =>
	writeMetadata({
		filename: fileName,
		title: fields.title,
		album: fields.album,
		description: fields.description,
		features: fields.features && JSON.stringify(fields.features),
		image_id: fields.imageId,
		path: fields.path
	});
