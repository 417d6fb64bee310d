/** What the network calls a handle that does not lead back to its person. */
export const INVALID_HANDLE = 'handle.invalid';

interface Addressed {
	did?: string;
	handle: string;
}

/** What an artist is called in addresses: the did, which always leads there, when no handle holds. */
export const artistName = ({ did, handle }: Addressed): string =>
	handle === INVALID_HANDLE ? (did ?? handle) : handle;

/** Where the page of an artist is. */
export const artistPath = (artist: Addressed) => `/u/${artistName(artist)}` as const;
