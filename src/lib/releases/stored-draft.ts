import { forget, readStored, store, storedNames } from '#lib/safe-storage.ts';
import { fieldsOf, isEmptyChange } from './release-change.ts';
import type { ReleaseChange, TrackChange } from './release.ts';

const PREFIX = 'draft::';
/** As long as a file that was begun is remembered. */
const KEPT_MS = 60 * 24 * 3600 * 1000;

/** What is said about a track whose file the server does not know yet. */
export type EarlyChange = Omit<TrackChange, 'upload_id'>;

/** What the storage of a browser has of a draft. */
export interface StoredDraft {
	/** typed, and not known to be saved */
	change: ReleaseChange;
	/** by the name of its field: what the server had then, and what was sent to it last, if anything */
	base?: Record<string, unknown[]>;
	/** typed over something the server does not have any more: its artist decides */
	apart?: ReleaseChange;
	/** by the marks of their file */
	early: Record<string, EarlyChange>;
	/** ISO */
	keptAt?: string;
}

export const storedAs = (did: string, releaseId: string): string => `${PREFIX}${did}|${releaseId}`;

export const readDraft = (name: string): StoredDraft => read(name) ?? { change: {}, early: {} };

/** @returns whether it is kept: a browser may not let us */
export function writeDraft(name: string, { change, base, apart, early }: StoredDraft): boolean {
	const isEmpty = [change, apart ?? {}, early].every(isEmptyChange);
	if (isEmpty) {
		forget(name);
		return true;
	}
	forgetOld();
	const kept = fieldsOf(change);
	const bases = Object.entries(base ?? {}).filter(([field]) => kept.has(field));
	const stored = { change, base: Object.fromEntries(bases), apart, early };
	return store(name, JSON.stringify({ ...stored, keptAt: new Date().toISOString() }));
}

function forgetOld(): void {
	const now = Date.now();
	for (const name of storedNames(PREFIX)) {
		if (!(now - Date.parse(read(name)?.keptAt ?? '') < KEPT_MS)) forget(name);
	}
}

function read(name: string): StoredDraft | null {
	try {
		const kept: unknown = JSON.parse(readStored(name) ?? 'null');
		const isOurs = typeof kept === 'object' && kept !== null && 'change' in kept && 'early' in kept;
		return isOurs ? (kept as StoredDraft) : null;
	} catch {
		// not ours, or half written: as if it were not there
		return null;
	}
}
