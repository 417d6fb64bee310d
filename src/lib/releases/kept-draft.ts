import { forget } from '#lib/safe-storage.ts';
import type { FileMarks } from '#lib/uploads/file-marks.ts';
import {
	fieldsOf,
	fieldsOfRelease,
	isSame,
	mergeChanges,
	onlyFields,
	withoutSame,
	withoutTracks
} from './release-change.ts';
import type { ReleaseChange, ReleaseState } from './release.ts';
import { notOn, sortKept } from './sort-kept.ts';
import {
	type EarlyChange,
	readDraft,
	storedAs,
	type StoredDraft,
	writeDraft
} from './stored-draft.ts';

/**
 * What was typed into a draft and the server does not have yet, in the storage of this browser: it
 * outlives the page, a crash and a lost line. What is saved is taken out again, field by field, and
 * only while it is what was saved: another tab may have kept something newer.
 */
export class KeptDraft {
	#name: string;
	#server: () => ReleaseState;

	/** @param server the release as the page knows it */
	constructor(did: string, releaseId: string, server: () => ReleaseState) {
		this.#name = storedAs(did, releaseId);
		this.#server = server;
	}

	/** @returns whether it is kept: a browser may not let us */
	keep(change: ReleaseChange): boolean {
		const stored = this.#read();
		const has = fieldsOfRelease(this.#server());
		const base = { ...stored.base };
		for (const name of fieldsOf(change).keys()) base[name] ??= [has.get(name) ?? null];
		const merged = this.#withoutOpening(mergeChanges(stored.change, change));
		return this.#write({ ...stored, change: merged, base });
	}

	/** What was kept by whatever page of this browser, and not saved since. */
	get change(): ReleaseChange {
		return this.#read().change;
	}

	/** What was typed over something the server does not have any more; it is not saved by itself. */
	get apart(): ReleaseChange {
		return this.#read().apart ?? {};
	}

	/** The draft is opened: what can go on does, and the rest is set apart. @returns what is to be saved */
	takeUp(): ReleaseChange {
		const stored = this.#read();
		const { gone, ours, apart } = sortKept(stored, this.#server());
		const all = mergeChanges(notOn(this.#server(), stored.apart ?? {}), apart);
		const left = { change: mergeChanges(gone, ours), apart: all };
		this.#write({ ...stored, ...left });
		return ours;
	}

	/** Its artist has decided about what was set apart. */
	forgetApart(used: ReleaseChange): void {
		const stored = this.#read();
		this.#write({ ...stored, apart: withoutSame(stored.apart ?? {}, used) });
	}

	/** It is on its way: the server may have it from now on, whether or not that is heard of. */
	noteSent(change: ReleaseChange): void {
		const stored = this.#read();
		const base = { ...stored.base };
		for (const [name, value] of fieldsOf(change)) base[name] = [base[name]?.[0] ?? null, value];
		this.#write({ ...stored, base });
	}

	noteSaved(change: ReleaseChange): void {
		const stored = this.#read();
		const base = { ...stored.base };
		for (const [name, value] of fieldsOf(change)) base[name] = [value];
		this.#write({ ...stored, change: withoutSame(stored.change, change), base });
	}

	/** Its file was taken out. */
	forgetTrack(uploadId: string): void {
		const stored = this.#read();
		const without = (change: ReleaseChange) => withoutTracks(change, [uploadId]);
		this.#write({
			...stored,
			change: without(stored.change),
			apart: without(stored.apart ?? {})
		});
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

	forget(): void {
		forget(this.#name);
	}

	/** "open it now" is said to somebody who waits for the answer: it is not kept for later. */
	#withoutOpening(change: ReleaseChange): ReleaseChange {
		const isPublished = this.#server().status === 'published';
		return onlyFields(
			change,
			(name, value) => !(isPublished && name === 'release_at' && value === null)
		);
	}

	#read = (): StoredDraft => readDraft(this.#name);
	#write = (stored: StoredDraft): boolean => writeDraft(this.#name, stored);
}

const marksOf = ({ name, sizeBytes, modifiedMs }: FileMarks) =>
	`${sizeBytes ?? ''}|${modifiedMs ?? ''}|${name}`;
