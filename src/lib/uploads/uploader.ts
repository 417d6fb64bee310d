import type { Toasts } from '#lib/toasts/toasts.svelte.ts';
import type { FoundFile } from './dropped-files.ts';
import { groupOfReplacement } from './group-of-replacement.ts';
import type { ReleaseInTab } from './release-in-tab.svelte.ts';
import { forgetUnbegun, forgetUpload, recallUpload, rememberUpload } from './remembered-uploads.ts';
import { ToldReleases } from './told-releases.ts';
import { noteUnderWay } from './under-way-mark.ts';
import type { UploadState } from './upload.ts';
import { UploadInTab } from './upload-in-tab.svelte.ts';
import { UploadSender } from './upload-sender.ts';
import { UploadWatch } from './upload-watch.ts';
import type { UploadsInTab } from './uploads-in-tab.svelte.ts';

/** Time enough for the first news after a page was loaded. */
const RESUME_MS = 10_000;

/** A file that is to be sent for a release. */
export interface FileToSend {
	source: FoundFile;
	/** 1-based, when it begins */
	position: number;
	/** what was begun with it, to go on with; null: it begins */
	uploadId: string | null;
	/** the upload of the same release whose place and words it takes */
	inPlaceOf?: string;
}

/** Sends files and follows what the server does with them, whatever page is open. */
export class Uploader {
	#tab: UploadsInTab;
	#whenListsChange: () => void;
	#releases: ToldReleases;
	#count = 0;
	#sender: UploadSender;
	#watch: UploadWatch;
	#adoptsAll = false;

	constructor(tab: UploadsInTab, toasts: Toasts, whenListsChange: () => void) {
		this.#tab = tab;
		this.#whenListsChange = whenListsChange;
		this.#releases = new ToldReleases(() => tab.list, toasts);
		this.#sender = new UploadSender({
			onbegun: (upload) => this.#noteNews(upload),
			onprogress: (upload) => this.#releases.noteSent(upload),
			onend: (upload) => {
				if (!upload.isOver) this.#watch.start();
				this.#noteNews(upload);
			}
		});
		this.#watch = new UploadWatch({
			watched: () => tab.list.filter((upload) => this.#isWatched(upload)),
			find: (state) => this.#findOrAdopt(state),
			onchange: (upload) => this.#noteNews(upload),
			onremoved: (upload) => this.#drop(upload)
		});
	}

	/** A release as this tab sees it; it is known from here on. */
	release(releaseId: string): ReleaseInTab {
		return this.#releases.get(releaseId);
	}

	/**
	 * Sends files of a release, a few at a time. Returns at once: from here on it goes on by itself,
	 * also after a reload, when the same files are chosen again.
	 */
	send(releaseId: string, files: FileToSend[], did: string): UploadInTab[] {
		this.release(releaseId).isOurs = true;
		const begun: UploadInTab[] = [];
		for (const { source, position, uploadId, inPlaceOf = null } of files) {
			const known = this.#findKnown(source.file, releaseId, uploadId);
			if (known?.isSending) continue;
			if (known) this.#remove(known);
			const upload = new UploadInTab(this.#nextKey(), releaseId, {
				...{ source, position, inPlaceOf }
			});
			if (uploadId !== null) upload.noteBegun(uploadId);
			rememberUpload(source.file, did, { uploadId, releaseId, replacesTrackId: null });
			begun.push(upload);
		}
		this.#tab.list = [...this.#tab.list, ...begun];
		this.#sender.send(begun, did);
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
			upload.noteBegun(earlier.uploadId);
			const known = this.#tab.find(earlier.uploadId);
			if (known) this.#remove(known);
		}
		this.#tab.list = [...this.#tab.list, upload];
		this.#sender.send([upload], did);
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
		this.#releases.notePublished(releaseId);
		this.#watch.start();
	}

	/** A page about the release opens or closes: what it shows needs no toast. */
	noteShown(releaseId: string, isShown: boolean): void {
		this.#releases.noteShown(releaseId, isShown);
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

	/**
	 * The release is about to be thrown away: nothing of it is sent from here on, as the server would
	 * only say that it is gone.
	 * @returns how to go on where it stopped, when it is not thrown away after all
	 */
	stopRelease(releaseId: string, did: string): () => void {
		const stopped = this.release(releaseId).sending;
		for (const upload of stopped) upload.stop();
		return () => {
			for (const upload of stopped) this.#remove(upload);
			const files = stopped.flatMap(({ source, position, uploadId, inPlaceOf }) =>
				source ? [{ source, position, uploadId, ...(inPlaceOf === null ? {} : { inPlaceOf }) }] : []
			);
			this.send(releaseId, files, did);
		};
	}

	/** The whole release is thrown away: nothing of it is sent or shown any more. */
	dropRelease(releaseId: string): void {
		for (const upload of this.release(releaseId).uploads) this.#drop(upload);
		this.#releases.hush(releaseId);
	}

	dispose(): void {
		this.#watch.stop();
		this.#sender.dispose();
	}

	#nextKey = () => `upload-${++this.#count}`;

	#noteNews(upload: UploadInTab): void {
		this.#releases.noteNews(upload);
		noteUnderWay(this.#tab.active.length > 0);
		if (!upload.isOver) return;
		if (upload.server?.status === 'completed' && upload.uploadId) forgetUpload(upload.uploadId);
		this.#tellLists(upload);
	}

	/**
	 * An open draft asks for itself. To load its page anew would put "nothing here" in the place of
	 * the draft, and of the reason why it is gone.
	 */
	#tellLists(upload: UploadInTab): void {
		const release = this.#releases.of(upload);
		if (!release?.isShown || release.isPublished) this.#whenListsChange();
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

	/** Whether there can be news of it. A parked one moves only when its release is published. */
	#isWatched(upload: UploadInTab): boolean {
		if (upload.isOver) return false;
		if (!upload.isReady) return true;
		return (
			upload.server?.error_code === 'draft' && (this.#releases.of(upload)?.isPublished ?? false)
		);
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
		this.#releases.noteGone(upload);
		this.#tellLists(upload);
	}

	#remove(upload: UploadInTab): void {
		this.#tab.list = this.#tab.list.filter((other) => other !== upload);
	}
}
