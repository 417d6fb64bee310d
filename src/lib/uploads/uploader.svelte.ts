import type { Toasts } from '#lib/toasts/toasts.svelte.ts';
import { followUpload, UploadGoneError } from './follow-upload.ts';
import { keepImage } from './keep-image.ts';
import { RefusedError } from './refusal.ts';
import { sendFile } from './send-file.ts';
import type { UploadState } from './upload.ts';
import { type UploadForm, UploadInTab } from './upload-in-tab.svelte.ts';
import { showUpload } from './upload-toast.ts';

/** More at once would leave no connection for pages and sound (HTTP/1.1: six per host). */
const MAX_SENDING = 2;

/**
 * Everything that is being uploaded from this tab, or followed in it. Made once, in the root
 * layout: going to another page disturbs nothing.
 */
export class Uploader {
	uploads = $state.raw<UploadInTab[]>([]);
	readonly active = $derived(this.uploads.filter((upload) => !upload.isOver));
	readonly sending = $derived(this.uploads.filter((upload) => upload.isSending));

	#toasts: Toasts;
	#whenFinished: () => void;
	#count = 0;
	#isSending = 0;
	#turns: (() => void)[] = [];
	#streams = new Set<string>();
	#stop = new AbortController();

	/** `whenFinished` is called when the lists of tracks may have changed. */
	constructor(toasts: Toasts, whenFinished: () => void) {
		this.#toasts = toasts;
		this.#whenFinished = whenFinished;
	}

	/**
	 * Sends a file. Resolves as soon as the server has taken it on: the form can be used for the
	 * next one while the bytes are on their way. A refusal before that leaves the form as it is.
	 * @throws RefusedError with the server's sentence
	 */
	async start(form: UploadForm, did: string): Promise<void> {
		const upload = new UploadInTab(`upload-${++this.#count}`, form);
		this.#add(upload);
		showUpload(this.#toasts, upload, true);
		const accepted = Promise.withResolvers<void>();
		void this.#run(upload, form, did, accepted);
		await accepted.promise;
	}

	/** Shows what the server does with an upload that was begun elsewhere or before a reload. */
	follow(state: UploadState): void {
		const known = this.uploads.find((upload) => upload.uploadId === state.upload_id);
		if (known) return known.noteState(state);
		const upload = new UploadInTab(`upload-${++this.#count}`, null, state);
		this.#add(upload);
		void this.#follow(upload, state.upload_id, false);
	}

	/** What this tab knows of an upload, newer than what a page was rendered with. */
	find(uploadId: string): UploadInTab | undefined {
		return this.uploads.find((upload) => upload.uploadId === uploadId);
	}

	/** Forgets one that is over. */
	remove(upload: UploadInTab): void {
		this.uploads = this.uploads.filter((other) => other !== upload);
		this.#toasts.dismiss(upload.key);
	}

	/** Stops sending and following: the page is being torn down. What has arrived is kept. */
	dispose(): void {
		this.#stop.abort(new DOMException('the page is gone', 'AbortError'));
	}

	#add(upload: UploadInTab): void {
		this.uploads = [upload, ...this.uploads];
	}

	async #run(
		upload: UploadInTab,
		form: UploadForm,
		did: string,
		accepted: PromiseWithResolvers<void>
	): Promise<void> {
		try {
			const uploadId = await this.#inTurn(() => this.#send(upload, form, did, accepted));
			upload.phase = 'working';
			await this.#follow(upload, uploadId, true);
		} catch (cause) {
			if (this.#stop.signal.aborted) return;
			accepted.reject(cause);
			if (upload.uploadId === null) return this.remove(upload);
			upload.fail(sentenceOf(cause));
			showUpload(this.#toasts, upload);
		}
	}

	async #send(
		upload: UploadInTab,
		form: UploadForm,
		did: string,
		accepted: PromiseWithResolvers<void>
	): Promise<string> {
		upload.phase = 'sending';
		const metadata: Record<string, string> = { filename: form.file.name };
		for (const name of ['title', 'album', 'description'] as const) {
			if (form[name].trim()) metadata[name] = form[name].trim();
		}
		if (form.image) metadata['image_id'] = await keepImage(form.image, this.#stop.signal);
		const events = {
			onaccepted: (uploadId: string) => {
				upload.uploadId = uploadId;
				accepted.resolve();
			},
			onprogress: (sentBytes: number, totalBytes: number) => {
				upload.noteSent(sentBytes, totalBytes, performance.now());
				showUpload(this.#toasts, upload);
			},
			oninterrupted: () => {
				upload.phase = 'interrupted';
				showUpload(this.#toasts, upload);
			}
		};
		return await sendFile({ file: form.file, metadata, did }, events, this.#stop.signal);
	}

	async #follow(upload: UploadInTab, uploadId: string, isOurs: boolean): Promise<void> {
		const note = (state: UploadState) => {
			upload.noteState(state);
			if (isOurs) showUpload(this.#toasts, upload);
		};
		try {
			await followUpload(uploadId, note, this.#stop.signal, this.#streams);
		} catch (cause) {
			if (this.#stop.signal.aborted) return;
			if (!(cause instanceof UploadGoneError)) throw cause;
			upload.fail(cause.message);
			if (isOurs) showUpload(this.#toasts, upload);
		}
		this.#whenFinished();
	}

	/** Runs it when fewer than `MAX_SENDING` others are being sent. */
	async #inTurn<T>(action: () => Promise<T>): Promise<T> {
		if (this.#isSending >= MAX_SENDING) {
			await new Promise<void>((resolve) => this.#turns.push(resolve));
		}
		this.#isSending += 1;
		try {
			return await action();
		} finally {
			this.#isSending -= 1;
			this.#turns.shift()?.();
		}
	}
}

function sentenceOf(cause: unknown): string {
	if (cause instanceof RefusedError) return cause.message;
	return 'this browser could not send the file. choose it again to go on where it stopped';
}
