/** Told of what goes on, often: for somebody who looks at a terminal. */
export type Progress = (says: string) => void;

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'];

/** 1_234_567 as "1.2 MB". */
export function saySize(bytes: number): string {
	const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(bytes || 1) / 3)));
	const value = bytes / 1000 ** power;
	return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[power]}`;
}

/** 1 as "1 track", others as "2 tracks". */
export const sayCount = (count: number, one: string, more = `${one}s`): string =>
	`${count.toLocaleString('en')} ${count === 1 ? one : more}`;
