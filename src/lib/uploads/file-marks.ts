/** What tells a file from others of its release. */
export interface FileMarks {
	name: string;
	sizeBytes: number | null;
	/** unix time */
	modifiedMs: number | null;
}

/** Some disks keep the time of a file to two seconds only. */
const TOLERANCE_MS = 2_000;

export const marksOf = ({ name, size, lastModified }: File): FileMarks => ({
	name,
	sizeBytes: size,
	modifiedMs: lastModified
});

export const isNamesake = (one: FileMarks, other: FileMarks): boolean =>
	one.sizeBytes === other.sizeBytes && plainName(one.name) === plainName(other.name);

export const isUnchanged = (one: FileMarks, other: FileMarks): boolean =>
	one.modifiedMs === null ||
	other.modifiedMs === null ||
	Math.abs(one.modifiedMs - other.modifiedMs) <= TOLERANCE_MS;

/** As far as can be told: two discs can have files of the same name, which are not the same. */
export const isSameFile = (one: FileMarks, other: FileMarks): boolean =>
	isNamesake(one, other) && isUnchanged(one, other);

/** The server keeps names without what cannot be seen, and shortened; systems write accents in two ways. */
export const plainName = (name: string): string =>
	name
		.normalize('NFC')
		.replace(/[\s\p{Cc}\p{Cf}]/gu, '')
		.slice(-150);
