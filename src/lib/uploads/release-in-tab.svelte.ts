import type { LeftOut } from './choose-files.ts';
import type { FoundFile } from './dropped-files.ts';
import { TransferRate } from './transfer-rate.ts';
import type { UploadInTab } from './upload-in-tab.svelte.ts';

/** Files that are published together, or the new audio of a track, as this tab sees them on their way. */
export class ReleaseInTab {
	/** of the release; of new audio `groupOfReplacement` */
	readonly groupId: string;
	/** begun or published here: its toast does not come out of nowhere */
	isOurs = $state(false);
	/** the artist has said so: nothing waits for them any more */
	isPublished = $state(false);
	/** failed before it was published: the artist knows, and published it without them */
	#known = $state.raw<UploadInTab[]>([]);
	/** a page about it is open and shows everything a toast would */
	isShown = $state(false);
	/** what its toast said last */
	toldLast: string | null = null;
	/** title of the album, once somebody knows it; what new audio is called */
	albumTitle = $state<string | null>(null);
	/** counts up whenever the server has said something new about one of its files */
	news = $state(0);
	/** settles when the picture that was dropped with it is its cover, or cannot be */
	cover: Promise<void> = Promise.resolve();
	/** what was dropped with it and is not part of it, and why */
	leftOut = $state.raw<LeftOut[]>([]);
	/** what was dropped on an open release and is no part of it, until its artist says that it is */
	strangers = $state.raw<FoundFile[]>([]);
	secondsLeft = $state<number | null>(null);
	#rate = new TransferRate();
	#list: () => UploadInTab[];

	/** @param list everything this tab knows; the release finds its own in it */
	constructor(groupId: string, list: () => UploadInTab[]) {
		this.groupId = groupId;
		this.#list = list;
	}

	readonly uploads = $derived.by(() =>
		this.#list().filter(
			(upload) => upload.groupId === this.groupId && !this.#known.includes(upload)
		)
	);
	readonly sending = $derived(this.uploads.filter((upload) => upload.isSending));
	readonly totalBytes = $derived(
		this.uploads.reduce((sum, upload) => sum + (upload.source ? upload.totalBytes : 0), 0)
	);
	readonly sentBytes = $derived(
		this.uploads.reduce((sum, upload) => {
			if (!upload.source) return sum;
			return sum + (upload.isSending ? upload.sentBytes : upload.totalBytes);
		}, 0)
	);
	/** chosen here, and not known to the server yet */
	readonly unbegun = $derived(
		this.uploads.filter(({ uploadId, isSending }) => uploadId === null && isSending)
	);
	readonly completed = $derived(
		this.uploads.filter(({ server }) => server?.status === 'completed')
	);
	/** real failures only: what is broken off goes on, and what waits is not over */
	readonly failed = $derived(this.uploads.filter((upload) => upload.error !== null));
	/** goes on by itself */
	readonly active = $derived(this.uploads.filter((upload) => !upload.isOver && !upload.isHalted));
	/** cannot go on without the artist */
	readonly stuck = $derived(
		this.uploads.filter((upload) => upload.isHalted && !upload.isReady && !upload.isSending)
	);
	readonly paused = $derived(this.uploads.find((upload) => upload.pause)?.pause ?? null);
	readonly isInterrupted = $derived(
		this.sending.length > 0 &&
			this.sending.every(({ phase }) => phase === 'interrupted' || phase === 'queued') &&
			this.sending.some(({ phase }) => phase === 'interrupted')
	);
	readonly name = $derived.by(() => {
		const [first] = this.uploads;
		if (this.albumTitle) return this.albumTitle;
		return this.uploads.length === 1 && first ? first.name : `${this.uploads.length} tracks`;
	});
	/** its name, as the beginning of a sentence */
	readonly nameIs = $derived.by(() => {
		const isSeveral = !this.albumTitle && this.uploads.length > 1;
		return `${this.name} ${isSeveral ? 'are' : 'is'}`;
	});

	notePublished(): void {
		if (!this.isPublished) this.#known = this.failed;
		this.isPublished = true;
	}

	noteSent(nowMs: number): void {
		this.#rate.note(this.sentBytes, nowMs);
		this.secondsLeft = this.#rate.secondsLeft(this.totalBytes);
	}
}
