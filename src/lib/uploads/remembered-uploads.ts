import { forget, readStored, store, storedNames } from '#lib/safe-storage.ts';
import type { FileMarks } from './file-marks.ts';

const PREFIX = 'upload::';
/** Longer than the server keeps a draft that nobody touches. */
const KEPT_MS = 60 * 24 * 3600 * 1000;

/** A file this browser was given to send. */
export interface RememberedUpload {
	/** null: the server did not know it when it was last heard of */
	uploadId: string | null;
	/** null: it is new audio for a track */
	releaseId: string | null;
	replacesTrackId: number | null;
	fileName: string;
	/** ISO */
	begunAt: string;
}

const marksOf = (file: File): string =>
	[file.name, file.type, file.size, file.lastModified].join('|');

/** What tells a file from every other one this browser has sent: another person's are not theirs. */
const nameOf = (file: File, did: string): string => `${PREFIX}${did}|${marksOf(file)}`;

/** Remembers it, so that choosing or dropping the same file again goes on where it stopped. */
export function rememberUpload(
	file: File,
	did: string,
	upload: Omit<RememberedUpload, 'fileName' | 'begunAt'>
): void {
	forgetOld();
	const kept = { ...upload, fileName: file.name, begunAt: new Date().toISOString() };
	store(nameOf(file, did), JSON.stringify(kept));
}

/** What became of this file in this browser before, or null. */
export const recallUpload = (file: File, did: string): RememberedUpload | null =>
	read(nameOf(file, did));

/** Nothing can go on with it any more: the same file begins anew. */
export function forgetUpload(uploadId: string): void {
	for (const name of storedNames(PREFIX)) {
		if (read(name)?.uploadId === uploadId) forget(name);
	}
}

/** It was taken out before the server knew it. */
export function forgetUnbegun(file: File): void {
	for (const name of storedNames(PREFIX)) {
		if (name.endsWith(`|${marksOf(file)}`) && read(name)?.uploadId === null) forget(name);
	}
}

/** The files this browser was given for a release and never got to begin. */
export const unbegunFiles = (releaseId: string, did: string): FileMarks[] =>
	storedNames(`${PREFIX}${did}|`).flatMap((storedAs) => {
		const kept = read(storedAs);
		const isOfIt = kept?.releaseId === releaseId && kept.uploadId === null;
		return isOfIt ? [marksIn(storedAs, kept.fileName)] : [];
	});

/** Its artist does without it. */
export function forgetUnbegunOf({ name, sizeBytes, modifiedMs }: FileMarks, did: string): void {
	for (const storedAs of storedNames(`${PREFIX}${did}|${name}|`)) {
		if (!storedAs.endsWith(`|${sizeBytes ?? ''}|${modifiedMs ?? ''}`)) continue;
		if (read(storedAs)?.uploadId === null) forget(storedAs);
	}
}

/** A name may have bars of its own. */
function marksIn(storedAs: string, name: string): FileMarks {
	const [sizeBytes, modifiedMs] = storedAs.split('|').slice(-2).map(Number);
	return { name, sizeBytes: sizeBytes ?? null, modifiedMs: modifiedMs ?? null };
}

function forgetOld(): void {
	const now = Date.now();
	for (const name of storedNames(PREFIX)) {
		const begunAt = Date.parse(read(name)?.begunAt ?? '');
		if (!(now - begunAt < KEPT_MS)) forget(name);
	}
}

function read(name: string): RememberedUpload | null {
	try {
		const kept: unknown = JSON.parse(readStored(name) ?? 'null');
		if (typeof kept !== 'object' || kept === null) return null;
		return 'uploadId' in kept && 'releaseId' in kept ? (kept as RememberedUpload) : null;
	} catch {
		// not ours, or half written: as if it were not there
		return null;
	}
}
