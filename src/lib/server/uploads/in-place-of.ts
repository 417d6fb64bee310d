import type { Context } from '#lib/server/context.ts';
import type { UploadFields } from '#lib/server/db/schema.ts';
import { conflict, DomainError } from '#lib/server/errors.ts';
import { isReplaceable } from '#lib/uploads/upload.ts';
import type { UploadRow } from './queries.ts';
import { takeAway } from './take-away.ts';

/**
 * What a new file of a release takes over from the one in whose place it comes: everything its artist
 * has said, and its place.
 * @param earlier the artist's own
 * @throws DomainError 409 `not_replaceable` when it is no file of this release that waits for another
 */
export function takenOver(
	earlier: UploadRow,
	releaseId: string | undefined
): { fields: UploadFields; position: number | null } {
	const isOfIt = earlier.release_id !== null && earlier.release_id === releaseId;
	if (!isOfIt || !isReplaceable(earlier)) {
		throw conflict(
			'not_replaceable',
			'the file this one was to take the place of needs none: it has arrived'
		);
	}
	const { path: _path, modifiedMs: _modified, ...fields } = earlier.fields;
	return { fields, position: earlier.release_position };
}

/** Removes the earlier file, when the new one is there. What cannot go now stays to be seen. */
export async function removeEarlier(ctx: Context, earlier: UploadRow): Promise<void> {
	try {
		await takeAway(ctx, earlier);
	} catch (cause) {
		if (!(cause instanceof DomainError)) throw cause;
		ctx.log.warn('earlier_upload_stays', { uploadId: earlier.id, code: cause.code });
	}
}
