import { askUploadState, UploadFeed, UploadGoneError } from './upload-feed.ts';
import type { UploadState } from './upload.ts';
import type { UploadInTab } from './upload-in-tab.svelte.ts';

const LOOK_MS = 3_000;
/** Silence after which an upload is asked for; an open stream speaks at every stage. */
const SILENCE_MS = 12_000;

export interface UploadWatchEvents {
	/** those of which there can be news */
	watched: () => UploadInTab[];
	/** the one a state is about, when this tab has anything to do with it */
	find: (state: Pick<UploadState, 'upload_id'> | UploadState) => UploadInTab | undefined;
	/** something about it is new */
	onchange: (upload: UploadInTab) => void;
	/** it was taken out, here or elsewhere */
	onremoved: (upload: UploadInTab) => void;
}

/**
 * Keeps the uploads of this tab up to date from the first byte to the end: by the stream, and by
 * asking for those it has said nothing about for a while.
 */
export class UploadWatch {
	#events: UploadWatchEvents;
	#feed: UploadFeed;
	#timer: ReturnType<typeof setInterval> | undefined;
	#heardAtMs = new Map<string, number>();

	constructor(events: UploadWatchEvents) {
		this.#events = events;
		this.#feed = new UploadFeed({
			onstate: (state) => {
				const upload = this.#events.find(state);
				if (!upload) return;
				this.#heardAtMs.set(state.upload_id, performance.now());
				upload.noteState(state);
				this.#events.onchange(upload);
				this.#rest();
			},
			onremoved: (id) => {
				const upload = this.#events.find({ upload_id: id });
				if (!upload || upload.isSending) return;
				this.#events.onremoved(upload);
				this.#rest();
			}
		});
	}

	/** Call when there is something to watch; it stops by itself when there is nothing any more. */
	start(): void {
		this.#feed.open();
		this.#timer ??= setInterval(() => this.#look(), LOOK_MS);
	}

	stop(): void {
		this.#feed.close();
		clearInterval(this.#timer);
		this.#timer = undefined;
		this.#heardAtMs.clear();
	}

	#look(): void {
		if (this.#rest()) return;
		this.#feed.open();
		const silentSinceMs = performance.now() - (this.#feed.isOpen ? SILENCE_MS : LOOK_MS);
		for (const upload of this.#events.watched()) {
			const { uploadId } = upload;
			if (uploadId === null || upload.isSending) continue;
			const heardAtMs = this.#heardAtMs.get(uploadId);
			if (heardAtMs === undefined) this.#heardAtMs.set(uploadId, performance.now());
			else if (heardAtMs < silentSinceMs) void this.#ask(upload, uploadId);
		}
	}

	async #ask(upload: UploadInTab, uploadId: string): Promise<void> {
		this.#heardAtMs.set(uploadId, performance.now());
		try {
			const state = await askUploadState(uploadId);
			if (!state) return;
			upload.noteState(state);
		} catch (cause) {
			if (!(cause instanceof UploadGoneError)) throw cause;
			upload.fail(cause.message);
		}
		this.#events.onchange(upload);
		this.#rest();
	}

	#rest(): boolean {
		if (this.#events.watched().length > 0) return false;
		this.stop();
		return true;
	}
}
