import { trackCount } from '#lib/albums/album.ts';

/** "1 play", "1,204 plays" */
export const playCount = (count: number): string =>
	count === 1 ? '1 play' : `${grouped(count)} plays`;

/** "12,345": the same on the server and in every browser. */
export const grouped = (count: number): string => count.toLocaleString('en');

/** What an artist has published and how often it was heard: "12 tracks • 1,204 plays". */
export const numbersInWords = (numbers: { trackCount: number; playCount: number }): string =>
	`${trackCount(numbers.trackCount)} • ${playCount(numbers.playCount)}`;
