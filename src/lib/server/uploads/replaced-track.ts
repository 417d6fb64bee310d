import type { Viewer } from '#lib/auth/viewer.ts';
import type { Context } from '#lib/server/context.ts';
import { unprocessable } from '#lib/server/errors.ts';
import type { UploadState } from '#lib/uploads/upload.ts';
import { ownTrack } from '#lib/server/tracks/own-track.ts';
import { findUnfinishedReplacement } from './queries.ts';
import { uploadState } from './state.ts';

/** New audio for a track of the viewer's that is on its way or waits, the latest; null: there is none. */
export async function replacementUnderWay(
	ctx: Pick<Context, 'db'>,
	viewer: Viewer,
	trackId: number
): Promise<UploadState | null> {
	const row = await findUnfinishedReplacement(ctx.db, viewer.did, trackId);
	return row ? uploadState(row) : null;
}

/**
 * The track that is to get new audio.
 * @param id as it was sent; undefined: none, it is a new track
 * @throws DomainError 403 `not_your_track`, 404, 410, 422 for what is no id
 */
export async function replacedTrack(
	ctx: Pick<Context, 'db'>,
	viewer: Pick<Viewer, 'did'>,
	id: string | undefined
): Promise<{ id: number; title: string } | null> {
	if (id === undefined || id === '') return null;
	if (!/^\d{1,15}$/.test(id)) {
		throw unprocessable('replaces_track_id', 'the id of a track is a number');
	}
	const track = await ownTrack(ctx, viewer, Number(id), 'edit');
	return { id: track.id, title: track.title };
}
