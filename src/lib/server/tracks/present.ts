import type { Loudness, Track } from '#lib/tracks/track.ts';
import type { TrackRow } from './queries.ts';

const LARGE_PX = 1200;

/** Where a picture is served, cut to a square. */
export const imageUrl = (imageId: string, edgePx: 320 | typeof LARGE_PX) =>
	`/images/${imageId}?size=${edgePx}`;

/** A track as pages and the player show it. What the viewer likes is added by `withOwnLikes`. */
export function presentTrack(row: TrackRow): Track {
	const { album_id: albumId, album_slug: slug, album_title: albumTitle } = row;
	const imageId = row.image_id;
	return {
		id: row.id,
		title: row.title,
		artist: {
			did: row.artist_did,
			handle: row.artist_handle,
			displayName: row.artist_name,
			avatarUrl: row.avatar_image_id && imageUrl(row.avatar_image_id, 320)
		},
		album:
			albumId && slug && albumTitle
				? { id: albumId, slug, title: albumTitle, loudness: albumLoudnessOf(row) }
				: null,
		features: row.features.map(({ did, handle, displayName }) => ({
			did,
			handle: handle ?? null,
			displayName: displayName ?? null
		})),
		fileId: row.file_id,
		fileType: row.file_type,
		contentType: row.content_type,
		codec: row.codec,
		smallerFileId: row.smaller_file_id,
		durationMs: row.duration_ms,
		loudness: loudnessOf(row),
		imageUrl: imageId && imageUrl(imageId, LARGE_PX),
		imageEdgePx: edgeOf(row),
		thumbnailUrl: imageId && imageUrl(imageId, 320),
		imagePlaceholder: row.image_placeholder,
		imageColor: row.image_color,
		tags: row.tags,
		isExplicit: row.is_explicit,
		isUnlisted: row.listed_as === 'unlisted',
		playCount: row.play_count,
		likeCount: row.like_count,
		isLiked: false,
		createdAt: row.created_at.toISOString(),
		recordUri: row.record_uri
	};
}

/** What is measured together: one without the other is of no use. */
export function loudnessOf(
	measured: Pick<TrackRow, 'loudness_lufs' | 'true_peak_dbtp'>
): Loudness | null {
	const { loudness_lufs: lufs, true_peak_dbtp: truePeakDbtp } = measured;
	return lufs === null || truePeakDbtp === null ? null : { lufs, truePeakDbtp };
}

/** Of all tracks of its album together. */
export const albumLoudnessOf = (row: TrackRow): Loudness | null =>
	loudnessOf({
		loudness_lufs: row.album_loudness_lufs,
		true_peak_dbtp: row.album_true_peak_dbtp
	});

/** Nothing is enlarged: the square of a smaller picture is as large as the picture allows. */
function edgeOf({ image_width_px: width, image_height_px: height }: TrackRow): number | null {
	return width === null || height === null ? null : Math.min(width, height, LARGE_PX);
}
