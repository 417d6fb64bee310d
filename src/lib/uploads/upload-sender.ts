import { RefusedError } from '#lib/refusal.ts';
import { sendUpload } from './send-upload.ts';
import { Gate, Turns } from './turns.ts';
import type { UploadInTab } from './upload-in-tab.svelte.ts';

/** More at once would leave no connection for pages and sound (HTTP/1.1: six per host). */
const MAX_SENDING = 2;
/** So long the first byte waits for the server to know every file: it is a moment, on most lines. */
const BEGIN_MS = 5_000;

export interface UploadSenderEvents {
	/** the server knows it */
	onbegun: (upload: UploadInTab) => void;
	/** bytes of it have gone */
	onprogress: (upload: UploadInTab) => void;
	/** its last byte is there, or it cannot be sent: `upload.error` says why */
	onend: (upload: UploadInTab) => void;
}

/** Sends files, a few at a time, in the order they came; it goes on by itself whatever the line does. */
export class UploadSender {
	#events: UploadSenderEvents;
	#beginning = new Turns(1);
	#sending = new Turns(MAX_SENDING);
	#stop = new AbortController();

	constructor(events: UploadSenderEvents) {
		this.#events = events;
	}

	/** Sends what was chosen together: the server knows of all of them before the first byte goes. */
	send(uploads: readonly UploadInTab[], did: string): void {
		const begun = new Gate(uploads.length, BEGIN_MS);
		for (const upload of uploads) {
			if (upload.source) void this.#run(upload, upload.source.file, did, begun);
		}
	}

	/** The page is being torn down. What has arrived is kept. */
	dispose(): void {
		this.#stop.abort(new DOMException('the page is gone', 'AbortError'));
	}

	async #run(upload: UploadInTab, file: File, did: string, begun: Gate): Promise<void> {
		const signal = AbortSignal.any([this.#stop.signal, upload.signal]);
		try {
			await sendUpload(upload, file, did, {
				beginning: this.#beginning,
				begun,
				sending: this.#sending,
				signal,
				onbegun: () => this.#events.onbegun(upload),
				onprogress: () => this.#events.onprogress(upload)
			});
			upload.noteSentAll();
		} catch (cause) {
			if (signal.aborted) return;
			upload.fail(sentenceOf(cause));
		}
		this.#events.onend(upload);
	}
}

function sentenceOf(cause: unknown): string {
	if (cause instanceof RefusedError) return cause.message;
	return 'this browser could not send the file. choose it again to go on where it stopped';
}
