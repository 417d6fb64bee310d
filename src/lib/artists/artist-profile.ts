import type { TextPart } from '#lib/text/linked-text.ts';
import type { DownloadRule } from './download-rule.ts';

/** Who an artist is, as their page shows it. Nothing in it needs a remote call. */
export interface ArtistProfile {
	did: string;
	handle: string;
	displayName: string;
	bio: string | null;
	/** the same, its addresses apart */
	bioParts: TextPart[];
	avatarUrl: string | null;
	showsLikes: boolean;
}

/** The numbers of an artist, of the tracks that everybody sees. */
export interface ArtistNumbers {
	trackCount: number;
	playCount: number;
	/** null: they have published nothing */
	mostPlayed: TopTrack | null;
	/** null: nobody has liked anything of theirs */
	mostLiked: TopTrack | null;
}

export interface TopTrack {
	id: number;
	title: string;
	/** plays or likes */
	count: number;
}

/** What the form of a profile says. */
export interface ProfileFields {
	displayName: string;
	bio: string;
	downloads: DownloadRule;
	showsLikes: boolean;
}
