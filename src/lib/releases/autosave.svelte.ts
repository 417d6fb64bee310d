import { isPassing } from '#lib/uploads/patiently.ts';
import { RefusedError } from '#lib/uploads/refusal.ts';
import { isEmptyChange, mergeChanges, withoutTracks } from './release-change.ts';
import type { ReleaseChange, ReleaseState } from './release.ts';

/** Nobody types slower than this within a word. */
const PAUSE_MS = 700;
const RETRY_MS = [2_000, 5_000, 10_000, 30_000];

/** `failed`: it is tried again by itself when `problem` can pass. */
export type SaveState = 'saved' | 'unsaved' | 'saving' | 'failed';

type Save = (change: ReleaseChange, isLast: boolean) => Promise<ReleaseState>;

/**
 * Saves changes of a draft a moment after they are made, one request at a time. What could not be
 * saved is kept, together with what was changed since, and tried again.
 */
export class Autosave {
	state = $state<SaveState>('saved');
	/** why it is not saved; a sentence */
	problem = $state<string | null>(null);
	#save: Save;
	#onsaved: (release: ReleaseState) => void;
	#waiting: ReleaseChange = {};
	#running: Promise<void> | undefined;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#failures = 0;
	/** ids of files that were taken out */
	#gone: string[] = [];

	constructor(save: Save, onsaved: (release: ReleaseState) => void) {
		this.#save = save;
		this.#onsaved = onsaved;
	}

	/** Notes a change; it is saved soon. */
	add(change: ReleaseChange): void {
		this.#waiting = mergeChanges(this.#waiting, change);
		if (isEmptyChange(this.#waiting)) return;
		if (this.state !== 'saving') this.state = 'unsaved';
		this.#soon(PAUSE_MS);
	}

	/** Changes of a file that was taken out are nobody's any more. */
	forgetTrack(uploadId: string): void {
		this.#gone.push(uploadId);
		this.#waiting = withoutTracks(this.#waiting, this.#gone);
		if (isEmptyChange(this.#waiting) && !this.#running) this.#note('saved', null);
	}

	/** All of it is thrown away: there is nothing to save any more. */
	forget(): void {
		clearTimeout(this.#timer);
		this.#waiting = {};
		this.#note('saved', null);
	}

	/** Saves everything now, and waits for what is on its way. @returns whether all of it is saved */
	async flush(): Promise<boolean> {
		clearTimeout(this.#timer);
		for (;;) {
			if (this.#running) await this.#running;
			else if (isEmptyChange(this.#waiting)) return true;
			else await this.#send();
			if (this.state === 'failed') return false;
		}
	}

	/** The page goes away: sends what is left without waiting for the answer. */
	sendLast(): void {
		clearTimeout(this.#timer);
		if (isEmptyChange(this.#waiting)) return;
		const change = this.#waiting;
		void this.#save(change, true).then(
			() => undefined,
			() => undefined
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
		const change = this.#waiting;
		this.#waiting = {};
		this.#note('saving', this.problem);
		try {
			const release = await this.#save(change, false);
			this.#failures = 0;
			this.#note(isEmptyChange(this.#waiting) ? 'saved' : 'unsaved', null);
			this.#onsaved(release);
		} catch (cause) {
			this.#waiting = withoutTracks(mergeChanges(change, this.#waiting), this.#gone);
			const refused = cause instanceof RefusedError ? cause : null;
			this.#note('failed', refused?.message ?? 'the server does not answer');
			if (refused && !mayPass(refused)) return;
			const waitMs = (refused?.retryAfterSeconds ?? 0) * 1000;
			this.#soon(waitMs || (RETRY_MS[this.#failures++] ?? RETRY_MS.at(-1) ?? 0));
		}
	}

	#note(state: SaveState, problem: string | null): void {
		this.state = state;
		this.problem = problem;
	}
}

/** A 409 is somebody else at it, but for a release that is open: that stays so. */
const mayPass = ({ status, code }: RefusedError): boolean =>
	code !== 'release_published' && (isPassing(status) || status === 429);
