/** An artist as the API gives it (snake_case: a public contract). */
export interface ArtistResponse {
	did: string;
	handle: string;
	display_name: string;
	bio: string | null;
	/** absolute */
	avatar_url: string | null;
	/** ISO 8601, UTC */
	created_at: string;
	updated_at: string;
}

/** As long as names and descriptions of profiles on the network may be. */
export const MAX_NAME_GRAPHEMES = 64;
export const MAX_BIO_GRAPHEMES = 256;

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** What a person counts as characters. */
export const countGraphemes = (text: string) => [...graphemes.segment(text)].length;
