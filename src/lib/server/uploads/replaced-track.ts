import type { Viewer } from '#lib/auth/viewer.ts';
import type { Context } from '#lib/server/context.ts';
import { unprocessable } from '#lib/server/errors.ts';
import { ownTrack } from '#lib/server/tracks/own-track.ts';

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
