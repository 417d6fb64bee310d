import type { Toasts } from '#lib/toasts/toasts.svelte.ts';
import type { UploadInTab } from './upload-in-tab.svelte.ts';
import type { Uploader } from './uploader.ts';

/**
 * What is being uploaded from this tab, or followed in it. Made once, in the root layout, so that
 * going to another page disturbs nothing. What does the work is fetched when there is work:
 * listeners never load it.
 */
export class UploadsInTab {
	list = $state.raw<UploadInTab[]>([]);
	/** what goes on by itself at present */
	readonly active = $derived(this.list.filter((upload) => !upload.isOver && !upload.isHalted));
	readonly sending = $derived(this.list.filter((upload) => upload.isSending));

	#toasts: Toasts;
	#whenListsChange: () => void;
	#uploader: Promise<Uploader> | undefined;

	/** `whenListsChange` is called when an upload has ended: pages may list it. */
	constructor(toasts: Toasts, whenListsChange: () => void) {
		this.#toasts = toasts;
		this.#whenListsChange = whenListsChange;
	}

	/** What sends and follows. @throws when it cannot be fetched; asking again may work */
	uploader(): Promise<Uploader> {
		this.#uploader ??= this.#load();
		return this.#uploader;
	}

	/** What this tab knows of an upload; it may be newer than what a page was rendered with. */
	find(uploadId: string): UploadInTab | undefined {
		return this.list.find((upload) => upload.uploadId === uploadId);
	}

	/** Stops sending and following: the page is being torn down. What has arrived is kept. */
	dispose(): void {
		void this.#uploader?.then((uploader) => uploader.dispose());
	}

	async #load(): Promise<Uploader> {
		try {
			const { Uploader } = await import('./uploader.ts');
			return new Uploader(this, this.#toasts, this.#whenListsChange);
		} catch (cause) {
			this.#uploader = undefined;
			throw cause;
		}
	}
}
