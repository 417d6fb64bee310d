import type { Context } from '#lib/server/context.ts';
import type { Db } from '#lib/server/db/connect.ts';
import type { UploadFields } from '#lib/server/db/schema.ts';
import { conflict, DomainError, notFound } from '#lib/server/errors.ts';
import { isReplaceable } from '#lib/uploads/upload.ts';
import { findSuccessor } from './given-up-queries.ts';
import { findUpload, type UploadRow } from './queries.ts';
import { lockUpload } from './receiving-queries.ts';
import { takeAway } from './take-away.ts';
import { deleteUploads, discardBytes } from './uploads-of-release.ts';
import { isUploadId } from './uploads.ts';

/** A file that is to come in the place of another one, as its sender describes it. */
interface ReplacingFile {
	artistDid: string;
	fileName: string;
	sizeBytes: number;
	fields: UploadFields;
}

/**
 * The upload that took a place already, for a request that is repeated because its answer was lost:
 * the same file gets the same upload. The artist's lock is held.
 * @returns undefined: nobody has taken it
 * @throws DomainError 409 `not_replaceable` when another file has taken it
 */
export async function alreadyInPlace(
	trx: Db,
	earlierId: string,
	file: ReplacingFile
): Promise<UploadRow | undefined> {
	const taken = isUploadId(earlierId)
		? await findSuccessor(trx, file.artistDid, earlierId)
		: undefined;
	if (!taken) return undefined;
	const isSame =
		taken.file_name === file.fileName &&
		taken.size_bytes === file.sizeBytes &&
		taken.fields.path === file.fields.path &&
		taken.fields.modifiedMs === file.fields.modifiedMs;
	if (isSame) return taken;
	throw conflict(
		'not_replaceable',
		`“${taken.file_name}” has taken this place already. choose this file in place of that one`
	);
}

/**
 * Takes an upload out of its place in a release, with everything its artist has said: for the file
 * that comes in its place, made in the same transaction. The artist's lock is held, and the release
 * is locked. One whose record may have been written stays until `freeEarlier`.
 * @throws DomainError 404 `upload_not_found`, 409 `not_replaceable` when it is no file of this
 *   release that waits for another
 */
export async function takePlace(
	trx: Db,
	earlierId: string,
	{ artistDid, releaseId }: { artistDid: string; releaseId: string | undefined }
): Promise<{ fields: UploadFields; position: number | null }> {
	const earlier = isUploadId(earlierId) ? await lockUpload(trx, earlierId) : undefined;
	if (earlier?.artist_did !== artistDid) {
		throw notFound(
			'the file this one was to take the place of is gone. add it as a file of its own',
			'upload_not_found'
		);
	}
	const isOfIt = earlier.release_id !== null && earlier.release_id === releaseId;
	if (!isOfIt || !isReplaceable(earlier)) {
		throw conflict(
			'not_replaceable',
			'the file this one was to take the place of needs none: it has arrived'
		);
	}
	if (!mayBePublic(earlier)) await deleteUploads(trx, [earlier]);
	const { path: _path, modifiedMs: _modified, ...fields } = earlier.fields;
	return { fields, position: earlier.release_position };
}

const mayBePublic = ({ findings, stage }: UploadRow) =>
	findings.isRecordBegun === true || stage === 'published' || stage === 'indexed';

/**
 * Frees what the earlier file holds, when the new one is there; safe to repeat. What cannot go now
 * stays to be seen.
 */
export async function freeEarlier(ctx: Context, earlierId: string): Promise<void> {
	const left = await findUpload(ctx.db, earlierId);
	if (!left) {
		// whoever still sends it stops when the lease turns out to be gone with its row
		await discardBytes(ctx, [{ id: earlierId }]);
		return;
	}
	try {
		await takeAway(ctx, left);
	} catch (cause) {
		if (!(cause instanceof DomainError)) throw cause;
		ctx.log.warn('earlier_upload_stays', { uploadId: earlierId, code: cause.code });
	}
}
