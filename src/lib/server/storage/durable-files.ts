import { randomUUID } from 'node:crypto';
import type { Dirent, Stats } from 'node:fs';
import { link, mkdir, open, opendir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Names of unfinished files; a key cannot begin with a dot, so none can be asked for. */
const UNFINISHED = /^\.[0-9a-f-]{36}\.part$/;

export const isUnfinished = (name: string): boolean => UNFINISHED.test(name);

export const unfinishedName = (): string => `.${randomUUID()}.part`;

/** True when a file system call failed for one of these reasons. */
export function failedWith(cause: unknown, ...codes: string[]): boolean {
	return cause instanceof Error && 'code' in cause && codes.includes(String(cause.code));
}

/** There is no file of this name: nothing, a folder, or a file where a folder should be. */
export const isNoFile = (cause: unknown): boolean =>
	failedWith(cause, 'ENOENT', 'ENOTDIR', 'EISDIR');

/** What is known of a file; null when there is none. */
export async function statFile(path: string): Promise<Stats | null> {
	try {
		const facts = await stat(path);
		return facts.isFile() ? facts : null;
	} catch (cause) {
		if (isNoFile(cause)) return null;
		throw cause;
	}
}

/** The entries of a folder, read a few at a time; none when there is no folder. */
export async function* entriesOf(folder: string): AsyncGenerator<Dirent, void> {
	try {
		yield* await opendir(folder);
	} catch (cause) {
		if (!isNoFile(cause)) throw cause;
	}
}

/** Makes folder entries (new, renamed or removed names) survive a power cut. */
export async function syncFolder(path: string): Promise<void> {
	const folder = await open(path, 'r');
	try {
		await folder.sync();
	} finally {
		await folder.close();
	}
}

/** Makes a folder and the ones above it; each survives a power cut. */
export async function makeFolder(path: string): Promise<void> {
	const first = await mkdir(path, { recursive: true });
	if (first === undefined) return;
	for (let made = path; made.length >= first.length; made = dirname(made)) {
		await syncFolder(dirname(made));
	}
}

/** Writes all of a chunk at a position: one write call may take only a part of it. */
export async function writeFully(
	file: FileHandle,
	chunk: Uint8Array,
	position: number
): Promise<void> {
	let written = 0;
	while (written < chunk.byteLength) {
		const rest = chunk.byteLength - written;
		const { bytesWritten } = await file.write(chunk, written, rest, position + written);
		written += bytesWritten;
	}
}

/** How a finished file gets its name, at once and complete. */
export type Placing = (from: string, to: string) => Promise<void>;

/** Some mounts know no hard links, or none across their border. */
export const isNoLinkPossible = (cause: unknown): boolean =>
	failedWith(cause, 'EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS');

/**
 * Gives a file its name unless the name is taken (EEXIST). Where hard links are unknown the test
 * and the renaming are two steps, with a moment between them.
 */
export const placeNew: Placing = async (from, to) => {
	try {
		await link(from, to);
	} catch (cause) {
		if (!isNoLinkPossible(cause)) throw cause;
		if (await statFile(to)) throw Object.assign(new Error('taken'), { code: 'EEXIST' });
		await rename(from, to);
	}
};

/**
 * Writes a file that appears under its name complete, durable and at once, or not at all. It is
 * written beside its place: the same folder is always the same file system.
 */
export async function placeFile<T>(
	target: string,
	place: Placing,
	fill: (file: FileHandle) => Promise<T>
): Promise<T> {
	const folder = dirname(target);
	await makeFolder(folder);
	const unfinished = join(folder, unfinishedName());
	const file = await open(unfinished, 'wx');
	try {
		const result = await fill(file);
		await file.sync();
		await file.close();
		await place(unfinished, target);
		return result;
	} finally {
		await file.close();
		await rm(unfinished, { force: true });
		await syncFolder(folder);
	}
}
