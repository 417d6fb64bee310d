import { statfs } from 'node:fs/promises';

/** What is kept in memory (linux/magic.h): `/tmp` of a container, and of some machines. */
const TMPFS = 0x0102_1994;

/** Whether what is written into a folder is lost with the next start, in words; undefined: no. */
export async function goesAway(folder: string): Promise<string | undefined> {
	const { type } = await statfs(folder);
	if (type !== TMPFS) return undefined;
	return `${folder} is in memory: what is there goes with this machine or container`;
}
