import { SvelteMap } from 'svelte/reactivity';
import type { Toasts } from '#lib/toasts/toasts.svelte.ts';
import type { FoundFile } from './dropped-files.ts';
import { RefusedError } from './refusal.ts';
import { ReleaseInTab } from './release-in-tab.svelte.ts';
import { releaseToast } from './release-toast.ts';
import { forgetUnbegun, forgetUpload, recallUpload, rememberUpload } from './remembered-uploads.ts';
import { sendUpload } from './send-upload.ts';
import { Gate, Turns } from './turns.ts';
import { noteUnderWay } from './under-way-mark.ts';
import type { UploadState } from './upload.ts';
import { groupOfReplacement, UploadInTab } from './upload-in-tab.svelte.ts';
import { UploadWatch } from './upload-watch.ts';
import type { UploadsInTab } from './uploads-in-tab.svelte.ts';

/** More at once would leave no connection for pages and sound (HTTP/1.1: six per host). */
const MAX_SENDING = 2;
/** So long the first byte waits for the server to know every file: it is a moment, on most lines. */
const BEGIN_MS = 5_000;
/** Time enough for the first news after a page was loaded. */
const RESUME_MS = 10_000;

/** A file that is to be sent for a release. */
export interface FileToSend {
	source: FoundFile;
	/** 1-based, when it begins */
	position: number;
	/** what was begun with it, to go on with; null: it begins */
	uploadId: string | null;
}

/** Sends files and follows what the server does with them, whatever page is open. */
export class Uploader {
	#tab: UploadsInTab;
	#toasts: Toasts;
	#whenListsChange: () => void;
	#releases = new SvelteMap<string, ReleaseInTab>();
	#count = 0;
	#beginning = new Turns(1);
	#sending = new Turns(MAX_SENDING);
	#watch: UploadWatch;
	#stop = new AbortController();
	#adoptsAll = false;

	constructor(tab: UploadsInTab, toasts: Toasts, whenListsChange: () => void) {
		this.#tab = tab;
		this.#toasts = toasts;
		this.#whenListsChange = whenListsChange;
		this.#watch = new UploadWatch({
			watched: () => tab.list.filter((upload) => this.#isWatched(upload)),
			find: (state) => this.#findOrAdopt(state),
			onchange: (upload) => this.#noteNews(upload),
			onremoved: (upload) => this.#drop(upload)
		});
	}

	/** A release as this tab sees it; it is known from here on. */
	release(releaseId: string): ReleaseInTab {
		const known = this.#releases.get(releaseId);
		if (known) return known;
		const release = new ReleaseInTab(releaseId, () => this.#tab.list);
		this.#releases.set(releaseId, release);
		return release;
	}

	/**
	 * Sends files of a release, a few at a time. Returns at once: from here on it goes on by itself,
	 * also after a reload, when the same files are chosen again.
	 */
	send(releaseId: string, files: FileToSend[], did: string): UploadInTab[] {
		this.release(releaseId).isOurs = true;
		const begun: UploadInTab[] = [];
		for (const { source, position, uploadId } of files) {
			const known = this.#findKnown(source.file, releaseId, uploadId);
			if (known?.isSending) continue;
			if (known) this.#remove(known);
			const upload = new UploadInTab(this.#nextKey(), releaseId, { source, position });
			upload.uploadId = uploadId;
			rememberUpload(source.file, did, { uploadId, releaseId, replacesTrackId: null });
			begun.push(upload);
		}
		this.#tab.list = [...this.#tab.list, ...begun];
		const gate = new Gate(begun.length, BEGIN_MS);
		for (const upload of begun) {
			if (upload.source) void this.#run(upload, upload.source.file, did, gate);
		}
		this.#watch.start();
		return begun;
	}

	/** The new audio of a track as this tab sees it: nothing is asked any more once it is sent. */
	replacement(track: { id: number; title: string }): ReleaseInTab {
		const group = this.release(groupOfReplacement(track.id));
		group.albumTitle = `the new audio of ${track.title}`;
		group.isOurs = true;
		group.isPublished = true;
		return group;
	}

	/** Sends new audio for a track, as `send` does; its artist has stated that they may. */
	replaceAudio(track: { id: number; title: string }, file: File, did: string): void {
		const group = this.replacement(track);
		if (group.sending.length > 0) return;
		for (const ended of group.uploads.filter(({ isOver }) => isOver)) this.#drop(ended);
		const earlier = recallUpload(file, did);
		const source = { file, path: file.name };
		const upload = new UploadInTab(this.#nextKey(), null, { source, replacesTrackId: track.id });
		if (earlier?.uploadId && earlier.replacesTrackId === track.id) {
			upload.uploadId = earlier.uploadId;
			const known = this.#tab.find(earlier.uploadId);
			if (known) this.#remove(known);
		}
		this.#tab.list = [...this.#tab.list, upload];
		void this.#run(upload, file, did, new Gate(1, BEGIN_MS));
		this.#watch.start();
	}

	/** Shows what the server does with an upload that was begun elsewhere or before a reload. */
	follow(state: UploadState): void {
		const known = this.#tab.find(state.upload_id);
		if (known && !known.isOver) {
			known.noteState(state);
			this.#watch.start();
			return;
		}
		// a page rendered before the end must not bring it back; a retry after the end does
		if (known?.server && known.server.version >= state.version) return;
		if (known) this.#remove(known);
		this.#adopt(state);
	}

	/** The page was loaded anew while something was under way: whatever it is, it is shown again. */
	resume(): void {
		this.#adoptsAll = true;
		this.#watch.start();
		// it may have ended while nobody looked
		setTimeout(() => noteUnderWay(this.#tab.active.length > 0), RESUME_MS);
	}

	/** The artist has published it: what was parked moves, and is followed to its end. */
	notePublished(releaseId: string): void {
		const release = this.release(releaseId);
		release.isOurs = true;
		release.notePublished();
		this.#watch.start();
		this.#show(release, true);
	}

	/** A page about the release opens or closes: what it shows needs no toast. */
	noteShown(releaseId: string, isShown: boolean): void {
		const release = this.release(releaseId);
		release.isShown = isShown;
		if (isShown) this.#toasts.dismiss(releaseId);
		else this.#show(release, release.active.length > 0);
	}

	/** Stops sending it and forgets it: it was taken out of its release. */
	drop(uploadId: string): void {
		const upload = this.#tab.find(uploadId);
		if (upload) this.#drop(upload);
		else forgetUpload(uploadId);
	}

	/** Takes out a file the server does not know yet. */
	dropUnbegun(upload: UploadInTab): void {
		this.#drop(upload);
	}

	/** The whole release is thrown away: nothing of it is sent or shown any more. */
	dropRelease(releaseId: string): void {
		for (const upload of this.release(releaseId).uploads) this.#drop(upload);
		this.#toasts.dismiss(releaseId);
	}

	dispose(): void {
		this.#watch.stop();
		this.#stop.abort(new DOMException('the page is gone', 'AbortError'));
	}

	#nextKey = () => `upload-${++this.#count}`;

	async #run(upload: UploadInTab, file: File, did: string, begun: Gate): Promise<void> {
		const signal = AbortSignal.any([this.#stop.signal, upload.signal]);
		try {
			await sendUpload(upload, file, did, {
				beginning: this.#beginning,
				begun,
				sending: this.#sending,
				signal,
				onbegun: () => this.#noteNews(upload),
				onprogress: () => this.#noteSent(upload)
			});
			upload.noteSentAll();
			this.#watch.start();
		} catch (cause) {
			if (signal.aborted) return;
			upload.fail(sentenceOf(cause));
		}
		this.#noteNews(upload);
	}

	#noteSent(upload: UploadInTab): void {
		const release = this.#releaseOf(upload);
		if (!release) return;
		release.noteSent(performance.now());
		this.#show(release);
	}

	#noteNews(upload: UploadInTab): void {
		const release = this.#releaseOf(upload);
		if (release) {
			release.news += 1;
			this.#show(release);
		}
		noteUnderWay(this.#tab.active.length > 0);
		if (!upload.isOver) return;
		if (upload.server?.status === 'completed' && upload.uploadId) forgetUpload(upload.uploadId);
		this.#whenListsChange();
	}

	/** One toast a release. Dismissed while it runs, it comes back only for the end, or a halt. */
	#show(release: ReleaseInTab, isNew = false): void {
		if (!release.isOurs || release.isShown) return;
		const content = releaseToast(release);
		if (!content) return;
		// an end is told once, however often a page about it is left
		const isTold = release.toldLast === content.message;
		release.toldLast = content.message;
		if (isTold && content.kind !== 'info') return;
		if (isNew || content.kind !== 'info') this.#toasts.show(content, release.groupId);
		else this.#toasts.update(release.groupId, content);
	}

	/** The same file as this tab has it already. */
	#findKnown(file: File, releaseId: string, uploadId: string | null): UploadInTab | undefined {
		if (uploadId !== null) return this.#tab.find(uploadId);
		return this.#tab.list.find((upload) => {
			const { file: other } = upload.source ?? {};
			if (!other || upload.releaseId !== releaseId || upload.uploadId !== null) return false;
			return ['name', 'size', 'lastModified'].every(
				(mark) => other[mark as keyof File] === file[mark as keyof File]
			);
		});
	}

	#releaseOf = ({ groupId }: UploadInTab) =>
		groupId === null ? undefined : this.#releases.get(groupId);

	/** Whether there can be news of it. A parked one moves only when its release is published. */
	#isWatched(upload: UploadInTab): boolean {
		if (upload.isOver) return false;
		if (!upload.isReady) return true;
		return upload.server?.error_code === 'draft' && (this.#releaseOf(upload)?.isPublished ?? false);
	}

	/** News of a file that another tab has added to a release this one knows. */
	#findOrAdopt(state: Pick<UploadState, 'upload_id'> | UploadState): UploadInTab | undefined {
		const known = this.#tab.find(state.upload_id);
		if (known) return known.isOver ? undefined : known;
		// bytes that another tab sends, or nobody, are not under way here
		if (!('status' in state) || state.status === 'receiving') return undefined;
		const { release_id: releaseId, replaces_track_id: replaces } = state;
		const groupId = releaseId ?? (replaces === null ? '' : groupOfReplacement(replaces));
		const isOfOurs = this.#releases.has(groupId);
		const isMoving = state.status === 'pending' || state.status === 'processing';
		return isOfOurs || (this.#adoptsAll && isMoving) ? this.#adopt(state) : undefined;
	}

	#adopt(state: UploadState): UploadInTab {
		const upload = new UploadInTab(this.#nextKey(), state.release_id ?? null, { server: state });
		this.#tab.list = [...this.#tab.list, upload];
		this.#watch.start();
		return upload;
	}

	#drop(upload: UploadInTab): void {
		upload.stop();
		if (upload.uploadId) forgetUpload(upload.uploadId);
		else if (upload.source) forgetUnbegun(upload.source.file);
		this.#remove(upload);
		const release = this.#releaseOf(upload);
		if (release) release.news += 1;
		this.#whenListsChange();
	}

	#remove(upload: UploadInTab): void {
		this.#tab.list = this.#tab.list.filter((other) => other !== upload);
	}
}

function sentenceOf(cause: unknown): string {
	if (cause instanceof RefusedError) return cause.message;
	return 'this browser could not send the file. choose it again to go on where it stopped';
}
