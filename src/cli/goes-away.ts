import { statfs } from 'node:fs/promises';

/** What is kept in memory, and what lies over an image for as long as a container is there (linux/magic.h). */
const TMPFS = 0x0102_1994;
const OVERLAY = 0x794c_7630;

/** Whether what is written into a folder is lost sooner than it ought to be, in words; undefined: no. */
export async function goesAway(folder: string): Promise<string | undefined> {
	const { type } = await statfs(folder);
	if (type === TMPFS) {
		return `${folder} is in memory: what is there goes with this machine or container`;
	}
	if (type === OVERLAY) return `${folder} is in the container itself, and goes with it`;
	return undefined;
}
