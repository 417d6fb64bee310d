import { forget, readStored, store, storedNames } from '#lib/safe-storage.ts';
import { fieldsOf, isEmptyChange, mergeChanges, onlyFields } from './release-change.ts';
import type { ReleaseChange, TrackChange } from './release.ts';

const PREFIX = 'draft::';
/** As long as a file that was begun is remembered. */
const KEPT_MS = 60 * 24 * 3600 * 1000;

/** What tells a file from others of its release. */
export interface FileMarks {
	name: string;
	sizeBytes: number | null;
	/** unix time */
	modifiedMs: number | null;
}

/** What is said about a track whose file the server does not know yet. */
export type EarlyChange = Omit<TrackChange, 'upload_id'>;

interface Stored {
	change: ReleaseChange;
	/** by the marks of their file */
	early: Record<string, EarlyChange>;
	/** ISO */
	keptAt: string;
}

/**
 * What was typed into a draft and the server does not have yet, in the storage of this browser: it
 * outlives the page, a crash and a lost line. What is saved is taken out again, field by field, and
 * only while it is what was saved: another tab may have kept something newer.
 */
export class KeptDraft {
	#name: string;

	constructor(did: string, releaseId: string) {
		this.#name = `${PREFIX}${did}|${releaseId}`;
	}

	/** @returns whether it is kept: a browser may not let us */
	keep(change: ReleaseChange): boolean {
		const stored = this.#read();
		return this.#write({ ...stored, change: mergeChanges(stored.change, change) });
	}

	/** What was kept by whatever page of this browser, and not saved since. */
	get change(): ReleaseChange {
		return this.#read().change;
	}

	noteSaved(change: ReleaseChange): void {
		const saved = fieldsOf(change);
		const stored = this.#read();
		const left = onlyFields(
			stored.change,
			(name, value) => !saved.has(name) || !isSame(saved.get(name), value)
		);
		this.#write({ ...stored, change: left });
	}

	/** Of a change, what is still to be saved: nobody has saved it or typed something newer. */
	unsavedOf(change: ReleaseChange): ReleaseChange {
		const kept = fieldsOf(this.change);
		return onlyFields(change, (name, value) => kept.has(name) && isSame(kept.get(name), value));
	}

	/** Keeps what is said about a file that has not begun. @returns whether it is kept */
	keepEarly(file: FileMarks, change: EarlyChange): boolean {
		const stored = this.#read();
		return this.#write({ ...stored, early: { ...stored.early, [marksOf(file)]: change } });
	}

	early(file: FileMarks): EarlyChange | null {
		return this.#read().early[marksOf(file)] ?? null;
	}

	forgetEarly(file: FileMarks): void {
		const stored = this.#read();
		const { [marksOf(file)]: gone, ...early } = stored.early;
		if (gone) this.#write({ ...stored, early });
	}

	forgetEarlyNamed(fileName: string): void {
		const stored = this.#read();
		const left = Object.entries(stored.early).filter(([marks]) => !isNamed(marks, fileName));
		this.#write({ ...stored, early: Object.fromEntries(left) });
	}

	/** Whether something was typed about a file with this name that has not begun. */
	hasEarly(fileName: string): boolean {
		return Object.keys(this.#read().early).some((marks) => isNamed(marks, fileName));
	}

	forget(): void {
		forget(this.#name);
	}

	#read(): Stored {
		return readKept(this.#name) ?? { change: {}, early: {}, keptAt: '' };
	}

	#write(stored: Stored): boolean {
		if (isEmptyChange(stored.change) && Object.keys(stored.early).length === 0) {
			forget(this.#name);
			return true;
		}
		forgetOld();
		return store(this.#name, JSON.stringify({ ...stored, keptAt: new Date().toISOString() }));
	}
}

const marksOf = ({ name, sizeBytes, modifiedMs }: FileMarks) =>
	`${sizeBytes ?? ''}|${modifiedMs ?? ''}|${name}`;

const isNamed = (marks: string, fileName: string) =>
	marks.split('|').slice(2).join('|') === fileName;

const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

function forgetOld(): void {
	const now = Date.now();
	for (const name of storedNames(PREFIX)) {
		if (!(now - Date.parse(readKept(name)?.keptAt ?? '') < KEPT_MS)) forget(name);
	}
}

function readKept(name: string): Stored | null {
	try {
		const kept: unknown = JSON.parse(readStored(name) ?? 'null');
		const isOurs = typeof kept === 'object' && kept !== null && 'change' in kept && 'early' in kept;
		return isOurs ? (kept as Stored) : null;
	} catch {
		// not ours, or half written: as if it were not there
		return null;
	}
}
