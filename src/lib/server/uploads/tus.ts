import type { Viewer } from '#lib/auth/viewer.ts';
import type { Context } from '#lib/server/context.ts';
import type { UploadFields } from '#lib/server/db/schema.ts';
import { DomainError, invalid, unprocessable } from '#lib/server/errors.ts';
import { joinRelease } from '#lib/server/releases/join-release.ts';
import { createUpload } from './accept.ts';
import { takeAllowance } from './allowance.ts';
import { readFields, readFileName, readModifiedMs, readPath } from './fields.ts';
import { emptyFile, fileTooLarge } from './incoming.ts';
import { removeEarlier, takenOver } from './in-place-of.ts';
import { uploadNotFound } from './not-found.ts';
import type { UploadRow } from './queries.ts';
import { imageExists } from './receiving-queries.ts';
import { replacedTrack } from './replaced-track.ts';
import { rightsNotConfirmed } from './rights.ts';
import { finishLate, type SizedUpload } from './finish.ts';
import { expiryFromNow, receivePart, uploadComplete } from './tus-bytes.ts';
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
	const begun = await begin(ctx, viewer, readMetadata(headers.get('upload-metadata')), sizeBytes);
	const answer = { status: 201, headers: { location: `${TUS_PATH}/${begun.id}`, ...CLOSING } };
	if (headers.get('content-type') !== PART_TYPE) return progressAnswer(begun, 0, answer);
	const row = await receivePart(ctx, { ...begun, size_bytes: sizeBytes }, partOf(request, 0));
	return progressAnswer(row, row.received_bytes, answer);
}

/** Keeps the row of an upload, in its release when the metadata names one. */
async function begin(
	ctx: Context,
	viewer: Viewer,
	metadata: Map<string, string>,
	sizeBytes: number
): Promise<UploadRow> {
	const fileName = readFileName(metadata.get('filename') ?? metadata.get('name'));
	if (fileName === null) throw invalid('missing_filename', 'no filename provided');
	const isConfirmed = metadata.get('rights_confirmed') === 'true';
	const replaced = await replacedTrack(ctx, viewer, metadata.get('replaces_track_id'));
	if (replaced && !isConfirmed) throw rightsNotConfirmed();
	// what the track says of itself stays
	const fields: UploadFields = replaced
		? { title: replaced.title }
		: readFields(Object.fromEntries(metadata));
	const releaseId = replaced ? undefined : metadata.get('release_id');
	const path = readPath(metadata.get('path'));
	if (path !== undefined) fields.path = path;
	const modifiedMs = readModifiedMs(metadata.get('modified'));
	if (modifiedMs !== undefined) fields.modifiedMs = modifiedMs;
	if (fields.imageId !== undefined && !(await imageExists(ctx.db, fields.imageId))) {
		throw unprocessable('image_id', 'there is no picture with this id');
	}
	const earlierId = replaced ? undefined : metadata.get('in_place_of');
	const earlier = earlierId === undefined ? undefined : await ownUpload(ctx, viewer, earlierId);
	const over = earlier && takenOver(earlier, releaseId);
	const begun = await ctx.db.transaction().execute(async (trx) => {
		await takeAllowance(ctx, trx, { artistDid: viewer.did, sizeBytes });
		const position = readPosition(metadata.get('release_position'));
		const joined =
			releaseId === undefined
				? undefined
				: await joinRelease(trx, viewer.did, releaseId, position, over !== undefined);
		const release = joined && over ? { ...joined, position: over.position } : joined;
		return await createUpload(trx, {
			artistDid: viewer.did,
			fileName,
			fields: { ...over?.fields, ...fields },
			sizeBytes,
			expiresAt: expiryFromNow(),
			idempotencyKey: null,
			release,
			rightsConfirmedAt: release?.rightsConfirmedAt ?? (isConfirmed ? new Date() : null),
			replacesTrackId: replaced?.id
		});
	});
	if (earlier) await removeEarlier(ctx, earlier);
	return begun;
}

/** A place in a release, from 1; null when none is said. */
function readPosition(sent: string | undefined): number | null {
	if (sent === undefined) return null;
	if (/^[1-9]\d{0,3}$/.test(sent)) return Number(sent);
	throw unprocessable('release_position', 'the position in a release is a number from 1 on');
}

async function tell(ctx: Context, viewer: Viewer, id: string): Promise<Response> {
	const found = await ownTusUpload(ctx, viewer, id);
	const storedBytes = await storedBytesOf(ctx, found);
	const row = storedBytes === found.size_bytes ? await finishLate(ctx, found) : found;
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
