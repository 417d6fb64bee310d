import type { Album, AlbumWaiting } from '#lib/albums/album.ts';
import { imageUrl } from '#lib/server/tracks/present.ts';
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
		trackCount: row.track_count,
		totalPlays: row.total_plays,
		durationMs: row.duration_ms,
		recordUri: row.record_uri,
		waiting: forArtist ? waitingOf(row) : null
	};
}

const WAITING: readonly AlbumWaiting[] = ['sign_in_again', 'permission_needed', 'record_refused'];

function waitingOf(row: ShownAlbumRow): AlbumWaiting | null {
	const known = WAITING.find((code) => code === row.waiting_code);
	if (known) return known;
	const isWritten = row.record_uri !== null && row.kept_change === null;
	return row.rkey === null || isWritten || row.sync_done >= row.sync_wanted ? null : 'pending';
}
