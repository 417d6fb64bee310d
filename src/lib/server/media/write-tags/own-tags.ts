/** What is written into a copy of a file, of what its artist says about it here. */
export interface OwnTags {
	title: string;
	artist: string;
	album: string | null;
	/** 1-based, within the album */
	trackNumber: number | null;
	year: number | null;
	genres: readonly string[];
	/** of the front, as jpeg; null: what the file has stays */
	cover: Uint8Array | null;
}

/**
 * A file with other tags, without a copy of it: `head`, then the file from `from` on, then `tail`. What
 * is in between, the music, is not touched.
 */
export interface Retagged {
	head: Uint8Array;
	from: number;
	tail: Uint8Array;
}

/** Tags that are larger are left alone: somebody keeps something else in them. */
export const MAX_TAG_BYTES = 32 * 1024 * 1024;
