import type { Viewer } from '#lib/auth/viewer.ts';
import { overlayTrack } from '#lib/server/atproto/records/overlay-track.ts';
import { recordSite } from '#lib/server/atproto/records/record-site.ts';
import { decodeTrack } from '#lib/server/atproto/records/track-record.ts';
import type { Context } from '#lib/server/context.ts';
import { conflict, DomainError, notFound } from '#lib/server/errors.ts';
import type { TrackRevision } from '#lib/tracks/track-revision.ts';
import { ownTrack } from './own-track.ts';
import type { TrackRow } from './queries.ts';
import { findOtherTrackOf, findRevision, findRevisions } from './revision-queries.ts';
import { trackRow } from './tracks.ts';
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
	return (await findRevisions(ctx.db, track.id)).map((row) => ({
		id: row.id,
		fileType: row.file_type,
		sizeBytes: row.size_bytes,
		durationMs: row.duration_ms,
		replacedAt: row.replaced_at.toISOString()
	}));
}

/**
 * Gives a track the audio of before; what it has now becomes an earlier one.
 * @throws DomainError 404 `revision_not_found`, 409 `duplicate_upload` when another track of theirs
 *   has it by now, and as `writeTrack`
 */
export async function restoreRevision(
	ctx: Context,
	viewer: Viewer,
	trackId: number,
	revisionId: number
): Promise<TrackRow> {
	const track = await ownTrack(ctx, viewer, trackId, 'edit');
	const revision = await findRevision(ctx.db, track.id, revisionId);
	if (!revision) throw notFound('there is no such earlier version', 'revision_not_found');
	const other = await findOtherTrackOf(ctx.db, track, revision.original_file_id);
	if (other !== undefined) {
		const sentence = `another track of yours has this audio by now (id: ${other})`;
		throw conflict('duplicate_upload', sentence);
	}
	const site = recordSite(ctx.config);
	const audio = {
		fileId: revision.file_id,
		fileType: revision.file_type,
		durationMs: revision.duration_ms
	};
	const row = await writeTrack(
		ctx,
		track,
		({ record }) => overlayTrack(site, record, { audio }),
		{ why: 'restore', originalFileId: revision.original_file_id }
	).catch(async (cause: unknown) => {
		// another track got this audio while it was written
		const isTaken = cause instanceof DomainError && cause.code === 'duplicate_upload';
		if (isTaken) await putBack(ctx, track, revision.file_id);
		throw cause;
	});
	ctx.log.info('track_audio_restored', { trackId, revisionId, fileId: row.file_id });
	return row;
}

/** Makes the record name the audio the track has, when it names `fileId`. */
async function putBack(ctx: Context, { id }: TrackRow, fileId: string): Promise<void> {
	const site = recordSite(ctx.config);
	const track = await trackRow(ctx, id);
	const audio = {
		fileId: track.file_id,
		fileType: track.file_type,
		durationMs: track.duration_ms
	};
	await writeTrack(ctx, track, ({ record }) =>
		decodeTrack(site, record).fileId === fileId ? overlayTrack(site, record, { audio }) : null
	);
}
