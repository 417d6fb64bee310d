import type { Context } from '#lib/server/context.ts';
import { conflict, unprocessable } from '#lib/server/errors.ts';
import { findOwnTracks } from './queries.ts';

/**
 * Refuses tracks that cannot be in an album of an artist's.
 * @param album.albumId null: there is no album yet
 * @throws DomainError 422 `invalid_field`, 409 `track_in_other_album`, both naming the track
 */
export async function checkTracks(
	ctx: Pick<Context, 'db'>,
	{ did, albumId }: { did: string; albumId: string | null },
	ids: readonly number[]
): Promise<void> {
	const tracks = new Map((await findOwnTracks(ctx.db, did, ids)).map((one) => [one.id, one]));
	for (const id of ids) {
		const track = tracks.get(id);
		if (!track) {
			const sentence = `track ${id} is none of yours. an album consists of tracks of your own`;
			throw unprocessable('track_ids', sentence);
		}
		if (track.in_list && track.album_id !== albumId) {
			const sentence = `track ${id} ("${track.title}") is in another album. take it out there first`;
			throw conflict('track_in_other_album', sentence);
		}
	}
}
