import type { Loudness, Track } from './track.ts';

/** How loud something is, as the API answers it. */
export interface LoudnessJson {
	lufs: number;
	true_peak_dbtp: number;
}

/** What is read of a track as the API answers it (`GET /api/tracks/?ids=`). */
export interface TrackJson {
	id: number;
	title: string;
	description: string | null;
	artist: string;
	artist_did: string;
	artist_handle: string;
	file_id: string;
	file_type: string;
	codec: string | null;
	smaller_file_id: string | null;
	atproto_record_uri: string;
	duration_ms: number | null;
	loudness: LoudnessJson | null;
	image_url: string | null;
	tags: string[];
	is_explicit: boolean;
	is_unlisted: boolean;
	play_count: number;
	like_count: number;
	is_liked: boolean;
	created_at: string;
	album: { id: string; slug: string; title: string; loudness: LoudnessJson | null } | null;
}

/** A track as lists and the player show it. People beside its artist are left out. */
export function trackFromJson(json: TrackJson): Track {
	const imageUrl = json.image_url && pathOf(json.image_url);
	const { artist_did: did, artist_handle: handle } = json;
	return {
		id: json.id,
		title: json.title,
		artist: { did, handle, displayName: json.artist, avatarUrl: null },
		album: json.album && { ...json.album, loudness: loudnessOf(json.album.loudness) },
		features: [],
		fileId: json.file_id,
		fileType: json.file_type,
		contentType: '',
		codec: json.codec,
		smallerFileId: json.smaller_file_id,
		durationMs: json.duration_ms,
		loudness: loudnessOf(json.loudness),
		imageUrl,
		imageEdgePx: null,
		thumbnailUrl: imageUrl && imageUrl.replace(/\bsize=\d+/, 'size=320'),
		imagePlaceholder: null,
		imageColor: null,
		tags: json.tags,
		isExplicit: json.is_explicit,
		isUnlisted: json.is_unlisted,
		playCount: json.play_count,
		likeCount: json.like_count,
		isLiked: json.is_liked,
		createdAt: json.created_at,
		recordUri: json.atproto_record_uri
	};
}

const loudnessOf = (json: LoudnessJson | null): Loudness | null =>
	json && { lufs: json.lufs, truePeakDbtp: json.true_peak_dbtp };

/** Of an address of this site: as pages of it have it, whatever name it was opened by. */
function pathOf(address: string): string {
	const { pathname, search } = new URL(address);
	return pathname + search;
}
