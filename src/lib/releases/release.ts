import type { AlbumDeletion } from '#lib/server/db/schema.ts';
import type { UploadState } from '#lib/uploads/upload.ts';

/**
 * Tracks published together, as the API and the pages carry them (snake_case: it is a public
 * contract). While it is a draft nothing of it is published: its files arrive and are looked into
 * meanwhile.
 */
export interface ReleaseState {
	release_id: string;
	status: 'draft' | 'published';
	/** what the artist said; what they have not said yet is `suggested` */
	fields: ReleaseFieldsState;
	/** read from the files: what most of them agree about */
	suggested: Pick<ReleaseFieldsState, 'album_title' | 'year' | 'image_id' | 'image_url'>;
	rights_confirmed: boolean;
	/** when it opens, ISO; null: at once */
	release_at: string | null;
	/** files may join it until then, ISO, at its end; null: it is a draft */
	takes_files_until: string | null;
	/** one of its files is being sent, from wherever */
	is_arriving: boolean;
	/** the album made of it; null for singles and drafts, and when it was deleted */
	album: { id: string; handle: string; slug: string } | null;
	/** how its album was deleted; null: it was not, or there was none */
	album_deletion: AlbumDeletion | null;
	/** in the order of the release */
	tracks: ReleaseTrackState[];
	created_at: string;
	updated_at: string;
}

export interface ReleaseFieldsState {
	/** null: not said yet; '': said to be none, the tracks are singles */
	album_title: string | null;
	description: string | null;
	year: number | null;
	/** cover of the album */
	image_id: string | null;
	image_url: string | null;
}

/** One file of a release. */
export interface ReleaseTrackState {
	upload: UploadState;
	/** 1-based */
	position: number;
	/** what the artist said; null where they have not, and `suggested` holds */
	fields: TrackFieldsState;
	/** read from the file, or from its name while it has not arrived */
	suggested: {
		title: string;
		artist: string | null;
		track_number: number | null;
		disc_number: number | null;
		year: number | null;
		tags: string[];
		isrc: string | null;
		has_lyrics: boolean;
		/** the picture inside the file */
		image_id: string | null;
		image_url: string | null;
	};
	/** the very same file is a track of theirs already, or another upload on its way */
	duplicate_of: { track_id: number | null; upload_id: string | null; title: string } | null;
}

export interface TrackFieldsState {
	title: string | null;
	description: string | null;
	tags: string[] | null;
	/** handles */
	features: string[] | null;
	is_explicit: boolean;
	is_unlisted: boolean;
	/** its own artwork; null: the picture inside the file, else the album's */
	image_id: string | null;
	image_url: string | null;
}

/** What PATCH /api/releases/{id} takes: whatever is absent stays as it is; null takes it back. */
export interface ReleaseChange {
	fields?: Partial<Omit<ReleaseFieldsState, 'image_url'>>;
	release_at?: string | null;
	rights_confirmed?: boolean;
	tracks?: TrackChange[];
}

export interface TrackChange {
	upload_id: string;
	position?: number;
	fields?: Partial<Omit<TrackFieldsState, 'image_url'>>;
}
