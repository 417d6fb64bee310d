import type { Toasts } from '#lib/toasts/toasts.svelte.ts';
import { keepImage } from './keep-image.ts';
import { RefusedError } from './refusal.ts';
import { sendFile } from './send-file.ts';
import type { UploadState } from './upload.ts';
import { type UploadForm, UploadInTab } from './upload-in-tab.svelte.ts';
import { showUpload } from './upload-toast.ts';
import { UploadWatch } from './upload-watch.ts';

/** More at once would leave no connection for pages and sound (HTTP/1.1: six per host). */
const MAX_SENDING = 2;

/**
 * Everything that is being uploaded from this tab, or followed in it. Made once, in the root
 * layout: going to another page disturbs nothing.
 */
export class Uploader {
	uploads = $state.raw<UploadInTab[]>([]);
	/** what goes on by itself at present */
	readonly active = $derived(this.uploads.filter((upload) => !upload.isOver && !upload.isHalted));
	readonly sending = $derived(this.uploads.filter((upload) => upload.isSending));
	readonly hasFailed = $derived(this.uploads.some((upload) => upload.error && upload.form));

	#toasts: Toasts;
	#whenListsChange: () => void;
	#count = 0;
	#sendingNow = 0;
	#turns: (() => void)[] = [];
	#watch: UploadWatch;
	#stop = new AbortController();

	/** `whenListsChange` is called when an upload has begun or ended: pages may list it. */
	constructor(toasts: Toasts, whenListsChange: () => void) {
		this.#toasts = toasts;
		this.#whenListsChange = whenListsChange;
		this.#watch = new UploadWatch({
			watched: () => this.uploads.filter((upload) => !upload.isOver),
			onchange: (upload) => this.#show(upload)
		});
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
		const accepted = Promise.withResolvers<null>();
		void this.#run(upload, form, did, accepted);
		await accepted.promise;
	}

	/** Shows what the server does with an upload that was begun elsewhere or before a reload. */
	follow(state: UploadState): void {
		const known = this.find(state.upload_id);
		if (known && !known.isOver) {
			known.noteState(state);
			return;
		}
		// a page rendered before the end must not bring it back; a retry after the end does
		if (known?.server && known.server.version >= state.version) return;
		if (known) this.remove(known);
		this.#add(new UploadInTab(`upload-${++this.#count}`, null, state));
	}

	/** What this tab knows of an upload; it may be newer than what a page was rendered with. */
	find(uploadId: string): UploadInTab | undefined {
		return this.uploads.find((upload) => upload.uploadId === uploadId);
	}

	/** What was filled in for a file that came to nothing, once: the words need not be lost with it. */
	takeBack(): UploadForm | null {
		const failed = this.uploads.find((upload) => upload.error && upload.form);
		if (!failed) return null;
		this.uploads = this.uploads.filter((upload) => upload !== failed);
		return failed.form;
	}

	/** Forgets one that is over. */
	remove(upload: UploadInTab): void {
		this.uploads = this.uploads.filter((other) => other !== upload);
		this.#toasts.dismiss(upload.key);
	}

	/** Stops sending and following: the page is being torn down. What has arrived is kept. */
	dispose(): void {
		this.#watch.stop();
		this.#stop.abort(new DOMException('the page is gone', 'AbortError'));
	}

	#add(upload: UploadInTab): void {
		this.uploads = [upload, ...this.uploads];
		this.#watch.start();
	}

	#show(upload: UploadInTab): void {
		// what was begun elsewhere is shown where it is listed; a toast would come out of nowhere
		if (upload.form) showUpload(this.#toasts, upload);
		if (upload.isOver) this.#whenListsChange();
	}

	async #run(
		upload: UploadInTab,
		form: UploadForm,
		did: string,
		accepted: PromiseWithResolvers<null>
	): Promise<void> {
		try {
			await this.#inTurn(() => this.#send(upload, form, did, accepted));
			upload.noteSentAll();
			this.#show(upload);
		} catch (cause) {
			if (this.#stop.signal.aborted) return;
			accepted.reject(cause);
			// nothing has begun: the form still has everything and says why
			if (upload.uploadId === null) {
				this.remove(upload);
				return;
			}
			upload.fail(sentenceOf(cause));
			this.#show(upload);
		}
	}

	async #send(
		upload: UploadInTab,
		form: UploadForm,
		did: string,
		accepted: PromiseWithResolvers<null>
	): Promise<void> {
		upload.phase = 'sending';
		const metadata: Record<string, string> = { filename: form.file.name };
		for (const name of ['title', 'album', 'description'] as const) {
			if (form[name].trim()) metadata[name] = form[name].trim();
		}
		if (form.image) metadata['image_id'] = await keepImage(form.image, this.#stop.signal);
		const events = {
			onaccepted: (uploadId: string) => {
				upload.uploadId = uploadId;
				accepted.resolve(null);
				this.#whenListsChange();
			},
			onprogress: (sentBytes: number, totalBytes: number) => {
				upload.noteSent(sentBytes, totalBytes, performance.now());
				this.#show(upload);
			},
			oninterrupted: () => {
				upload.phase = 'interrupted';
				this.#show(upload);
			}
		};
		await sendFile({ file: form.file, metadata, did }, events, this.#stop.signal);
	}

	/** Runs it when fewer than `MAX_SENDING` others are being sent. */
	async #inTurn(action: () => Promise<void>): Promise<void> {
		if (this.#sendingNow >= MAX_SENDING) {
			await new Promise<void>((resolve) => this.#turns.push(resolve));
		}
		this.#sendingNow += 1;
		try {
			await action();
		} finally {
			this.#sendingNow -= 1;
			this.#turns.shift()?.();
		}
	}
}

function sentenceOf(cause: unknown): string {
	if (cause instanceof RefusedError) return cause.message;
	return 'this browser could not send the file. choose it again to go on where it stopped';
}
