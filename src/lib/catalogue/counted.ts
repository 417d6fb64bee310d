/** "1 track", "2 tracks", "1,000 tracks". */
export const counted = (count: number, noun: string): string =>
	`${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
