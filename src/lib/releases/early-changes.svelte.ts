import { type FileMarks, isSameFile } from '#lib/uploads/file-marks.ts';
import { forgetUnbegunOf, unbegunFiles } from '#lib/uploads/remembered-uploads.ts';
import type { KeptDraft } from './kept-draft.ts';
import type { EarlyChange } from './stored-draft.ts';
import type { TrackDraft } from './track-draft.svelte.ts';

/** A file this browser was given for a draft, never got to begin, and has not at hand now. */
export interface MissingFile extends FileMarks {
	/** something was typed about it */
	isTyped: boolean;
}

/**
 * What is typed about files the server does not know yet: kept in the browser by the file, and saved
 * as soon as it has begun, on whatever page the artist is by then.
 */
export class EarlyChanges {
	missing = $state.raw<MissingFile[]>([]);
	#releaseId: string;
	#did: string;
	#kept: KeptDraft;
	#save: (uploadId: string, change: EarlyChange) => void;

	constructor(
		release: { id: string; did: string },
		kept: KeptDraft,
		save: (uploadId: string, change: EarlyChange) => void
	) {
		this.#releaseId = release.id;
		this.#did = release.did;
		this.#kept = kept;
		this.#save = save;
	}

	/** Notes a change of a track whose file has not begun. */
	add(track: TrackDraft, change: EarlyChange): void {
		const { marks, unsent } = track;
		const isFirst = !track.isUnsent;
		const fields = { ...unsent.fields, ...change.fields };
		track.unsent = { ...unsent, ...change, fields };
		track.isUnsentKept = marks !== null && this.#kept.keepEarly(marks, track.unsent);
		if (isFirst) void track.local?.begun.then(() => this.send(track));
	}

	/** Shows what was typed on an earlier page about this very file. */
	restore(track: TrackDraft): void {
		const { marks } = track;
		const early = marks && !track.isUnsent ? this.#kept.early(marks) : null;
		if (!early) return;
		track.typed = { ...early.fields, ...track.typed };
		track.place ??= early.position ?? null;
		if (track.uploadId !== null) this.send(track);
		else this.add(track, early);
	}

	/** Saves what was typed about a file that has begun meanwhile. */
	send(track: TrackDraft): void {
		const { marks, uploadId } = track;
		if (uploadId === null || marks === null) return;
		// another page of this tab may have been typed into since, or have sent it
		const change = this.#kept.early(marks) ?? (track.isUnsent ? track.unsent : null);
		track.unsent = {};
		if (change) this.#save(uploadId, change);
		this.#kept.forgetEarly(marks);
	}

	forget({ marks }: TrackDraft): void {
		if (marks) this.#kept.forgetEarly(marks);
	}

	/** Looks for files that were given to this browser and are in none of the rows. */
	look(tracks: readonly TrackDraft[]): void {
		const lacking = unbegunFiles(this.#releaseId, this.#did).filter(
			(file) => !tracks.some(({ marks }) => marks && isSameFile(marks, file))
		);
		this.missing = lacking.map((file) => {
			return { ...file, isTyped: this.#kept.early(file) !== null };
		});
	}

	/** Forgets a file that is missing, and what was typed about it. */
	leaveOut(file: MissingFile): void {
		forgetUnbegunOf(file, this.#did);
		this.#kept.forgetEarly(file);
		this.missing = this.missing.filter((other) => other !== file);
	}
}
