/** What the network calls a handle that does not lead back to its person. */
export const INVALID_HANDLE = 'handle.invalid';

/** Where the page of an artist is. The did leads there too, for who has no handle that holds. */
export const artistPath = ({ did, handle }: { did?: string; handle: string }) =>
	`/u/${handle === INVALID_HANDLE ? (did ?? handle) : handle}` as const;
