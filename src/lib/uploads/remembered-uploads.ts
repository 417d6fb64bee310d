import { forget, readStored, store, storedNames } from '#lib/safe-storage.ts';

const PREFIX = 'upload::';
/** Longer than the server keeps a draft that nobody touches. */
const KEPT_MS = 60 * 24 * 3600 * 1000;

/** An upload this browser has begun. */
export interface RememberedUpload {
	uploadId: string;
	/** null: it is new audio for a track */
	releaseId: string | null;
	replacesTrackId: number | null;
	/** ISO */
	begunAt: string;
}

/** What tells a file from every other one this browser has sent: another person's are not theirs. */
const nameOf = (file: File, did: string): string =>
	`${PREFIX}${[did, file.name, file.type, file.size, file.lastModified].join('|')}`;

/** Remembers it, so that choosing or dropping the same file again goes on where it stopped. */
export function rememberUpload(
	file: File,
	did: string,
	upload: Omit<RememberedUpload, 'begunAt'>
): void {
	forgetOld();
	store(nameOf(file, did), JSON.stringify({ ...upload, begunAt: new Date().toISOString() }));
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
