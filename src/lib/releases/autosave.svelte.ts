import { isPassing } from '#lib/uploads/patiently.ts';
import { RefusedError } from '#lib/refusal.ts';
import type { KeptDraft } from './kept-draft.ts';
import {
	fieldsOf,
	isEmptyChange,
	mergeChanges,
	onlyFields,
	withoutSame,
	withoutTracks
} from './release-change.ts';
import type { ReleaseChange, ReleaseState } from './release.ts';

/** Nobody types slower than this within a word. */
const PAUSE_MS = 700;
const RETRY_MS = [2_000, 5_000, 10_000, 30_000];

/**
 * `failed`: it is tried again by itself when `problem` can pass. `refused`: everything is saved but
 * the fields in `refusals`.
 */
export type SaveState = 'saved' | 'unsaved' | 'saving' | 'failed' | 'refused';

type Save = (change: ReleaseChange, isLast: boolean) => Promise<ReleaseState>;
type Kept = Pick<
	KeptDraft,
	'keep' | 'noteSent' | 'noteSaved' | 'unsavedOf' | 'forgetTrack' | 'forget'
>;

/**
 * Saves changes of a draft a moment after they are made, one request at a time. What could not be
 * saved is kept, together with what was changed since, and tried again. A field that does not fit is
 * set aside and named in `refusals` until it is changed; the others are saved without it. Whatever
 * is not saved yet is in the browser's storage meanwhile.
 */
export class Autosave {
	state = $state<SaveState>('saved');
	/** why it is not saved; a sentence */
	problem = $state<string | null>(null);
	/** why the server does not take a field, by its name (`title:<upload_id>`); a sentence each */
	refusals = $state.raw<Readonly<Record<string, string>>>({});
	#save: Save;
	#onsaved: (release: ReleaseState) => void;
	#kept: Kept;
	#isKept = true;
	#isLeft = false;
	#isPaused = false;
	#waiting: ReleaseChange = {};
	#running: Promise<void> | undefined;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#failures = 0;
	/** ids of files that were taken out */
	#gone: string[] = [];

	constructor(save: Save, onsaved: (release: ReleaseState) => void, kept: Kept) {
		this.#save = save;
		this.#onsaved = onsaved;
		this.#kept = kept;
	}

	/** why not everything is saved; a sentence, '' when there is nothing to say */
	get complaint(): string {
		return this.problem ?? Object.values(this.refusals)[0] ?? '';
	}

	get #isRefused(): boolean {
		return Object.keys(this.refusals).length > 0;
	}

	/** Notes a change; it is saved soon. */
	add(change: ReleaseChange): void {
		this.#waiting = mergeChanges(this.#waiting, change);
		this.#isKept = this.#kept.keep(change);
		const changed = fieldsOf(change);
		this.#dropRefusals((field) => changed.has(field));
		if (isEmptyChange(this.#waiting)) return;
		if (this.state !== 'saving') this.state = 'unsaved';
		this.#soon(PAUSE_MS);
	}

	/** It is not to be saved after all. */
	withdraw(field: string): void {
		this.#waiting = onlyFields(this.#waiting, (name) => name !== field);
		if (isEmptyChange(this.#waiting) && !this.#running) this.#noteRest();
	}

	/** Changes of a file that was taken out are nobody's any more. */
	forgetTrack(uploadId: string): void {
		this.#gone.push(uploadId);
		this.#kept.forgetTrack(uploadId);
		this.#waiting = withoutTracks(this.#waiting, this.#gone);
		this.#dropRefusals((field) => field.endsWith(`:${uploadId}`));
		if (isEmptyChange(this.#waiting) && !this.#running) this.#noteRest();
	}

	/** A field of a file that somebody else took out can be corrected by nobody. */
	keepRefusalsOf(uploadIds: readonly (string | null)[]): void {
		const isGone = (field: string) =>
			field.includes(':') && !uploadIds.includes(field.slice(field.indexOf(':') + 1));
		if (!Object.keys(this.refusals).some(isGone)) return;
		this.#dropRefusals(isGone);
		if (this.state === 'refused') this.#noteRest();
	}

	/** Nothing is sent until `resume`; what is on its way comes to its end first. */
	async pause(): Promise<void> {
		this.#isPaused = true;
		await this.#running;
	}

	/** Goes on after all. */
	resume(): void {
		this.#isPaused = false;
		if (!isEmptyChange(this.#waiting)) this.#soon(PAUSE_MS);
	}

	/** All of it is thrown away: there is nothing to save any more. */
	forget(): void {
		clearTimeout(this.#timer);
		this.#waiting = {};
		this.refusals = {};
		this.#kept.forget();
		this.#note('saved', null);
	}

	/** Nobody looks any more: what is left is saved, unless another page does it or has something newer. */
	leave(): void {
		this.#isLeft = true;
		void this.flush();
	}

	/** Saves everything now, and waits for what is on its way. @returns whether all of it is saved */
	async flush(): Promise<boolean> {
		clearTimeout(this.#timer);
		for (;;) {
			if (this.#running) await this.#running;
			else if (this.#isPaused) return false;
			else if (isEmptyChange(this.#waiting)) return !this.#isRefused;
			else await this.#send();
			if (this.state === 'failed') return false;
		}
	}

	/** The page goes away: sends what is left without waiting for the answer. */
	sendLast(): void {
		clearTimeout(this.#timer);
		if (isEmptyChange(this.#waiting)) return;
		const change = this.#waiting;
		this.#kept.noteSent(change);
		void this.#save(change, true).then(
			(release) => {
				this.#waiting = withoutSame(this.#waiting, change);
				this.#kept.noteSaved(change);
				if (!this.#running) this.#noteRest();
				this.#onsaved(release);
			},
			// it is still kept; a page that is shown again after all tries as ever
			() => this.#soon(PAUSE_MS)
		);
	}

	#soon(ms: number): void {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => void this.flush(), ms);
	}

	#send(): Promise<void> {
		this.#running ??= this.#sendOne().finally(() => (this.#running = undefined));
		return this.#running;
	}

	async #sendOne(): Promise<void> {
		const isShared = this.#isLeft && this.#isKept;
		const change = isShared ? this.#kept.unsavedOf(this.#waiting) : this.#waiting;
		this.#waiting = {};
		if (isEmptyChange(change)) {
			this.#noteRest();
			return;
		}
		this.#note('saving', this.problem);
		this.#kept.noteSent(change);
		try {
			const release = await this.#save(change, false);
			this.#failures = 0;
			this.#kept.noteSaved(change);
			this.#noteRest();
			this.#onsaved(release);
		} catch (cause) {
			this.#waiting = withoutTracks(mergeChanges(change, this.#waiting), this.#gone);
			const refused = cause instanceof RefusedError ? cause : null;
			if (refused && this.#setAside(change, refused)) {
				this.#noteRest();
				return;
			}
			this.#note('failed', refused?.message ?? 'the server does not answer');
			if (refused && !mayPass(refused)) return;
			const waitMs = (refused?.retryAfterSeconds ?? 0) * 1000;
			this.#soon(waitMs || (RETRY_MS[this.#failures++] ?? RETRY_MS.at(-1) ?? 0));
		}
	}

	/** @returns whether the refusal was about one field, so that the others can be saved without it */
	#setAside(sent: ReleaseChange, { field, message }: RefusedError): boolean {
		if (field === null || !fieldsOf(sent).has(field)) return false;
		const isUnchanged = (name: string, value: unknown) =>
			name === field && value === fieldsOf(sent).get(field);
		const left = onlyFields(this.#waiting, (name, value) => !isUnchanged(name, value));
		// typed anew meanwhile: that is sent next, and may fit
		if (!fieldsOf(left).has(field)) this.refusals = { ...this.refusals, [field]: message };
		this.#waiting = left;
		return true;
	}

	#dropRefusals(isDropped: (field: string) => boolean): void {
		const left = Object.entries(this.refusals).filter(([field]) => !isDropped(field));
		this.refusals = Object.fromEntries(left);
	}

	/** What can be said when nothing stands in the way. */
	#noteRest(): void {
		if (!isEmptyChange(this.#waiting)) this.#note('unsaved', null);
		else this.#note(this.#isRefused ? 'refused' : 'saved', null);
	}

	#note(state: SaveState, problem: string | null): void {
		this.state = state;
		this.problem = problem;
	}
}

/** A 409 is somebody else at it, but for a release that is open: that stays so. */
const mayPass = ({ status, code }: RefusedError): boolean =>
	code !== 'release_published' && (isPassing(status) || status === 429);
