/** What becomes of new audio is followed like a release; its name must not be that of one. */
export const groupOfReplacement = (trackId: number): string => `track-${trackId}`;
