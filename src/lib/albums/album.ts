/** As long as the name of a list (fm.plyr.list) may be, in what a person counts as characters. */
export const MAX_ALBUM_TITLE_GRAPHEMES = 64;
/** In bytes of UTF-8. */
export const MAX_ALBUM_DESCRIPTION_BYTES = 5000;
export const FIRST_YEAR = 1000;
export const LAST_YEAR = 9999;
/** More than that is no album, and a list has no room for it. */
export const MAX_ALBUM_TRACKS = 500;

/** An album as lists and pages show it. Nothing in it needs a remote call. */
export interface Album {
	id: string;
	slug: string;
	title: string;
	description: string | null;
	year: number | null;
	artist: { did: string; handle: string; displayName: string; avatarUrl: string | null };
	/** its cover; null: none was given */
	imageUrl: string | null;
	thumbnailUrl: string | null;
	/** as a track's */
	imagePlaceholder: string | null;
	imageColor: string | null;
	/** of the tracks this viewer sees */
	trackCount: number;
	totalPlays: number;
	/** of those that could be measured */
	durationMs: number;
	/** address of its record; null: there is none yet */
	recordUri: string | null;
	/** for its artist: why the record is not as the album yet; null: it is */
	waiting: AlbumWaiting | null;
}

export type AlbumWaiting =
	/** it is being written, or written again because a server did not answer */
	'pending' | 'sign_in_again' | 'permission_needed' | 'record_refused';

/** Where an album is. */
export const albumPath = (album: { slug: string; artist: { handle: string } }) =>
	`/u/${album.artist.handle}/album/${album.slug}` as const;

/** "12 tracks", "1 track", "no tracks" */
export const trackCount = (count: number): string =>
	count === 0 ? 'no tracks' : count === 1 ? '1 track' : `${count} tracks`;
