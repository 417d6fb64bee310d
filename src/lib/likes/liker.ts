import { networkProfileUrl } from '#lib/artists/network-profile-url.ts';

/** Somebody who likes a track. */
export interface Liker {
	did: string;
	/** null until it is known */
	handle: string | null;
	/** the display name, else the handle, else the did */
	name: string;
	/** of a picture we keep; null: there is none */
	avatarUrl: string | null;
	likedAt: string;
	/** whether they have a page here */
	isArtist: boolean;
}

/** Where somebody without a page here is found: on the network. */
export const networkUrl = ({ did }: Liker): string => networkProfileUrl(did);

/** Of some likes in words: "1 like", "12 likes". */
export const likesInWords = (count: number): string => (count === 1 ? '1 like' : `${count} likes`);
