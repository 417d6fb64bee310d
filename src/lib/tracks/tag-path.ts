/** Where the tracks with a tag are listed. @param tag normalised */
export const tagPath = (tag: string) => `/tag/${encodeURIComponent(tag)}` as const;
