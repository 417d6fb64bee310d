import type { RecordSite } from '#lib/server/atproto/records/record-site.ts';
import { publicAudioUrl } from '#lib/server/atproto/records/record-site.ts';
import type { Loudness } from '#lib/tracks/track.ts';
import type { LoudnessJson } from '#lib/tracks/track-json.ts';
import { albumLoudnessOf, imageUrl, loudnessOf } from './present.ts';
import type { TrackRow } from './queries.ts';

/** A track as the API answers it. Addresses are absolute: a client may live anywhere. */
export interface TrackResponse {
	id: number;
	title: string;
	/** display name */
	artist: string;
	artist_did: string;
	artist_handle: string;
	artist_avatar_url: string | null;
	description: string | null;
	file_id: string;
	file_type: string;
	codec: string | null;
	/** the same music as a smaller file, an mp3 (`/audio/{smaller_file_id}`); null: there is none */
	smaller_file_id: string | null;
	features: {
		did: string;
		handle: string | null;
		display_name: string | null;
		avatar_url: string | null;
	}[];
	/** where the audio can be fetched */
	r2_url: string;
	atproto_record_uri: string;
	atproto_record_cid: string;
	/** where the record can be read; null while the artist's PDS is not known */
	atproto_record_url: string | null;
	play_count: number;
	duration_ms: number | null;
	/** of what is streamed; null when nothing could measure it */
	loudness: LoudnessJson | null;
	/** normalised */
	tags: string[];
	is_explicit: boolean;
	/** known by its address only */
	is_unlisted: boolean;
	created_at: string;
	image_url: string | null;
	is_liked: boolean;
	like_count: number;
	album: {
		id: string;
		slug: string;
		title: string;
		image_url: string | null;
		/** of all its tracks together */
		loudness: LoudnessJson | null;
	} | null;
}

/** The API's form of a track. What the viewer likes is added by `withOwnLikes`. */
export function trackResponse(site: RecordSite, row: TrackRow): TrackResponse {
	const picture = (imageId: string | null) =>
		imageId === null ? null : `${site.publicUrl}${imageUrl(imageId, 1200)}`;
	const avatarUrl = picture(row.avatar_image_id);
	const { album_id: albumId, album_slug: slug, album_title: albumTitle } = row;
	return {
		id: row.id,
		title: row.title,
		artist: row.artist_name,
		artist_did: row.artist_did,
		artist_handle: row.artist_handle,
		artist_avatar_url: avatarUrl,
		description: row.description,
		file_id: row.file_id,
		file_type: row.file_type,
		codec: row.codec,
		smaller_file_id: row.smaller_file_id,
		features: row.features.map(({ did, handle, displayName }) => ({
			did,
			handle: handle ?? null,
			display_name: displayName ?? handle ?? null,
			avatar_url: null
		})),
		r2_url: publicAudioUrl(site, row.file_id),
		atproto_record_uri: row.record_uri,
		atproto_record_cid: row.record_cid,
		atproto_record_url: recordUrl(site, row),
		play_count: row.play_count,
		duration_ms: row.duration_ms,
		loudness: loudnessJson(loudnessOf(row)),
		tags: row.tags,
		is_explicit: row.is_explicit,
		is_unlisted: row.listed_as === 'unlisted',
		created_at: row.created_at.toISOString(),
		image_url: picture(row.image_id),
		is_liked: false,
		like_count: row.like_count,
		album:
			albumId && slug && albumTitle
				? {
						id: albumId,
						slug,
						title: albumTitle,
						image_url: picture(row.album_image_id) ?? avatarUrl,
						loudness: loudnessJson(albumLoudnessOf(row))
					}
				: null
	};
}

const loudnessJson = (loudness: Loudness | null): LoudnessJson | null =>
	loudness && { lufs: loudness.lufs, true_peak_dbtp: loudness.truePeakDbtp };

/** Where the record of a track can be read; null while its artist's PDS is not known. */
export function recordUrl(site: RecordSite, row: TrackRow): string | null {
	if (row.pds_url === null) return null;
	const url = new URL('/xrpc/com.atproto.repo.getRecord', row.pds_url);
	url.searchParams.set('repo', row.artist_did);
	url.searchParams.set('collection', site.trackCollection);
	url.searchParams.set('rkey', row.rkey);
	return url.href;
}
