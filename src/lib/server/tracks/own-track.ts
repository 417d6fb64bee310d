import type { Viewer } from '#lib/auth/viewer.ts';
import type { Context } from '#lib/server/context.ts';
import { forbidden } from '#lib/server/errors.ts';
import type { Track } from '#lib/tracks/track.ts';
import { presentTrack } from './present.ts';
import type { TrackRow } from './queries.ts';
import { keptTrackRow } from './tracks.ts';

type Verb = 'edit' | 'delete' | 'see the plays of';

/**
 * A track of the viewer's own.
 * @param verb what they want to do with it, for the sentence of the refusal
 * @throws DomainError 404, 410 `track_removed`, 403 `not_your_track`
 */
export async function ownTrack(
	ctx: Pick<Context, 'db'>,
	viewer: Pick<Viewer, 'did'>,
	id: number,
	verb: Verb
): Promise<TrackRow> {
	const row = await keptTrackRow(ctx, id);
	if (row.artist_did === viewer.did) return row;
	throw forbidden('not_your_track', `you can only ${verb} your own tracks`);
}

/** The same as pages show it. @throws as `ownTrack` */
export const getOwnTrack = async (
	ctx: Pick<Context, 'db'>,
	viewer: Viewer,
	id: number,
	verb: Verb
): Promise<Track> => presentTrack(await ownTrack(ctx, viewer, id, verb));
