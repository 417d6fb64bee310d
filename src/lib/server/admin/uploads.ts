import type { SeenUpload } from '#lib/admin/admin.ts';
import type { Context } from '#lib/server/context.ts';
import { unprocessable } from '#lib/server/errors.ts';
import { findFailed, findUnderWay, type SeenUploadRow } from './queries.ts';

/** More are rarely there at once: the newest of them. */
const UNDER_WAY = 100;
const FAILURES = 50;

/** Uploads of everybody: those under way, and those that failed, the latest first. */
export interface UploadsOverview {
	underWay: SeenUpload[];
	failed: SeenUpload[];
	/** of those that failed; null at the end */
	nextCursor: string | null;
}

/** @throws DomainError 422 for a cursor that is none */
export async function listUploadsOfAll(
	{ db }: Pick<Context, 'db'>,
	cursor: string | undefined
): Promise<UploadsOverview> {
	const after = cursor === undefined ? null : readCursor(cursor);
	const [underWay, found] = await Promise.all([
		after ? [] : findUnderWay(db, UNDER_WAY),
		findFailed(db, FAILURES + 1, after)
	]);
	const failed = found.slice(0, FAILURES);
	const last = failed.at(-1);
	return {
		underWay: underWay.map(present),
		failed: failed.map(present),
		nextCursor: found.length > FAILURES && last ? `${last.updated_exactly}_${last.id}` : null
	};
}

function readCursor(cursor: string) {
	const [, at, id] =
		/^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(
			cursor
		) ?? [];
	const isTime = at !== undefined && !Number.isNaN(new Date(at).getTime());
	if (isTime && id !== undefined) return { at, id };
	throw unprocessable('cursor', 'this cursor is not one of ours. leave it out to start over');
}

const present = (row: SeenUploadRow): SeenUpload => ({
	id: row.id,
	artistDid: row.artist_did,
	handle: row.handle,
	status: row.status,
	stage: row.stage,
	message: row.message,
	errorCode: row.error_code,
	error: row.error,
	sizeBytes: row.size_bytes,
	createdAt: row.created_at.toISOString(),
	updatedAt: row.updated_at.toISOString()
});
