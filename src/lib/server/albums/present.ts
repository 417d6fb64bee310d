import type { AlbumInDeletion } from '#lib/albums/album-in-deletion.ts';
import type { Album, AlbumWaiting } from '#lib/albums/album.ts';
import { imageUrl } from '#lib/server/tracks/present.ts';
import type { AlbumRow } from './queries.ts';
import type { ShownAlbumRow } from './reading-queries.ts';

/** An album as pages show it. @param forArtist with what only its artist has to know */
export function presentAlbum(row: ShownAlbumRow, forArtist: boolean): Album {
	const { image_id: imageId, avatar_image_id: avatarId } = row;
	return {
		id: row.id,
		slug: row.slug,
		title: row.title,
		description: row.description,
		year: row.year,
		artist: {
			did: row.artist_did,
			handle: row.artist_handle,
			displayName: row.artist_name,
			avatarUrl: avatarId && imageUrl(avatarId, 320)
		},
		imageUrl: imageId && imageUrl(imageId, 1200),
		thumbnailUrl: imageId && imageUrl(imageId, 320),
		imagePlaceholder: row.image_placeholder,
		imageColor: row.image_color,
		trackCount: row.track_count,
		totalPlays: row.total_plays,
		durationMs: row.duration_ms,
		recordUri: row.record_uri,
		waiting: forArtist ? waitingOf(row) : null
	};
}

const WAITING: readonly AlbumWaiting[] = ['sign_in_again', 'permission_needed', 'record_refused'];

const knownWaiting = (code: string | null): AlbumWaiting | undefined =>
	WAITING.find((one) => one === code);

/** An album that is being deleted, as its artist's portal shows it. */
export const presentDeletion = (
	row: Pick<AlbumRow, 'id' | 'title' | 'waiting_code'>
): AlbumInDeletion => ({
	id: row.id,
	title: row.title,
	waiting: knownWaiting(row.waiting_code) ?? 'pending'
});

function waitingOf(row: ShownAlbumRow): AlbumWaiting | null {
	const known = knownWaiting(row.waiting_code);
	if (known) return known;
	const isWritten = row.record_uri !== null && row.kept_change === null;
	return row.rkey === null || isWritten || row.sync_done >= row.sync_wanted ? null : 'pending';
}
