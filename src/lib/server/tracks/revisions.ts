import type { Viewer } from '#lib/auth/viewer.ts';
import { overlayTrack } from '#lib/server/atproto/records/overlay-track.ts';
import { recordSite } from '#lib/server/atproto/records/record-site.ts';
import { decodeTrack } from '#lib/server/atproto/records/track-record.ts';
import type { Context } from '#lib/server/context.ts';
import { conflict, DomainError, notFound } from '#lib/server/errors.ts';
import {
	filesWithRights,
	keepRightsStatement,
	rightsNotConfirmed
} from '#lib/server/uploads/rights.ts';
import type { TrackRevision } from '#lib/tracks/track-revision.ts';
import { ownTrack } from './own-track.ts';
import type { TrackRow } from './queries.ts';
import { findOtherTrackOf, findRevision, findRevisions } from './revision-queries.ts';
import { keptTrackRow } from './tracks.ts';
import { writeTrack } from './write-track.ts';

/**
 * The audio a track of the viewer's own had before, the latest first.
 * @throws DomainError 404, 410, 403 `not_your_track`
 */
export async function listRevisions(
	ctx: Pick<Context, 'db'>,
	viewer: Viewer,
	trackId: number
): Promise<TrackRevision[]> {
	const track = await ownTrack(ctx, viewer, trackId, 'edit');
	const rows = await findRevisions(ctx.db, track.id);
	const hashes = rows.map(({ original_sha256: sha256 }) => sha256);
	const stated = await filesWithRights(ctx.db, viewer.did, hashes);
	return rows.map((row) => ({
		id: row.id,
		fileType: row.file_type,
		sizeBytes: row.size_bytes,
		durationMs: row.duration_ms,
		replacedAt: row.replaced_at.toISOString(),
		hasRights: stated.has(row.original_sha256)
	}));
}

/**
 * Gives a track the audio of before; what it has now becomes an earlier one. What its artist has
 * stated about a file when they sent it holds for as long as the file is theirs, so it is asked for
 * only where that statement is missing: a program sent it without, or a record brought it.
 * @param statement.rightsConfirmed they state it now; it is kept
 * @throws DomainError 404 `revision_not_found`, 422 `rights_not_confirmed`, 409 `duplicate_upload` when another track of theirs
 *   has it by now, and as `writeTrack`
 */
export async function restoreRevision(
	ctx: Context,
	viewer: Viewer,
	trackId: number,
	revisionId: number,
	statement: { rightsConfirmed: boolean } = { rightsConfirmed: false }
): Promise<TrackRow> {
	const track = await ownTrack(ctx, viewer, trackId, 'edit');
	const revision = await findRevision(ctx.db, track.id, revisionId);
	if (!revision) throw notFound('there is no such earlier version', 'revision_not_found');
	const other = await findOtherTrackOf(ctx.db, track, revision.original_file_id);
	if (other !== undefined) {
		const sentence = `another track of yours has this audio by now (id: ${other})`;
		throw conflict('duplicate_upload', sentence);
	}
	await requireRights(ctx, viewer.did, revision.original_sha256, statement.rightsConfirmed);
	const site = recordSite(ctx.config);
	const audio = {
		fileId: revision.file_id,
		fileType: revision.file_type,
		durationMs: revision.duration_ms
	};
	const row = await writeTrack(ctx, track, ({ record }) => overlayTrack(site, record, { audio }), {
		why: 'restore',
		originalFileId: revision.original_file_id
	}).catch(async (cause: unknown) => {
		// another track got this audio while it was written
		const isTaken = cause instanceof DomainError && cause.code === 'duplicate_upload';
		if (isTaken) await putBack(ctx, track, revision.file_id);
		throw cause;
	});
	ctx.log.info('track_audio_restored', { trackId, revisionId, fileId: row.file_id });
	return row;
}

async function requireRights(
	{ db }: Pick<Context, 'db'>,
	did: string,
	sha256: string,
	isConfirmed: boolean
): Promise<void> {
	if ((await filesWithRights(db, did, [sha256])).has(sha256)) return;
	if (!isConfirmed) throw rightsNotConfirmed();
	await keepRightsStatement(db, did, sha256);
}

/** Makes the record name the audio the track has, when it names `fileId`. */
async function putBack(ctx: Context, { id }: TrackRow, fileId: string): Promise<void> {
	const site = recordSite(ctx.config);
	const track = await keptTrackRow(ctx, id);
	const audio = {
		fileId: track.file_id,
		fileType: track.file_type,
		durationMs: track.duration_ms
	};
	await writeTrack(ctx, track, ({ record }) =>
		decodeTrack(site, record).fileId === fileId ? overlayTrack(site, record, { audio }) : null
	);
}
