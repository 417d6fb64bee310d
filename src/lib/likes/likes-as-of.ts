/**
 * Names the header of an answer to a like: as of which state of the index the like is in it, in the
 * numbers of `Track.likesAsOf`.
 */
export const AS_OF_HEADER = 'x-likes-as-of';
