import { SvelteMap } from 'svelte/reactivity';
import type { Toasts } from '#lib/toasts/toasts.svelte.ts';
import { ReleaseInTab } from './release-in-tab.svelte.ts';
import { releaseToast } from './release-toast.ts';
import type { UploadInTab } from './upload-in-tab.svelte.ts';

/** The releases this tab knows, and the one toast that tells how each of them goes on. */
export class ToldReleases {
	#releases = new SvelteMap<string, ReleaseInTab>();
	#list: () => UploadInTab[];
	#toasts: Toasts;

	/** @param list everything this tab knows; each release finds its own in it */
	constructor(list: () => UploadInTab[], toasts: Toasts) {
		this.#list = list;
		this.#toasts = toasts;
	}

	has(groupId: string): boolean {
		return this.#releases.has(groupId);
	}

	/** A release as this tab sees it; it is known from here on. */
	get(groupId: string): ReleaseInTab {
		const known = this.#releases.get(groupId);
		if (known) return known;
		const release = new ReleaseInTab(groupId, this.#list);
		this.#releases.set(groupId, release);
		return release;
	}

	/** The release an upload is a part of, when it is known. */
	of({ groupId }: UploadInTab): ReleaseInTab | undefined {
		return groupId === null ? undefined : this.#releases.get(groupId);
	}

	/** Bytes of it have gone. */
	noteSent(upload: UploadInTab): void {
		const release = this.of(upload);
		if (!release) return;
		release.noteSent(performance.now());
		this.#tell(release);
	}

	/** The server has said something new about it. */
	noteNews(upload: UploadInTab): void {
		const release = this.of(upload);
		if (!release) return;
		release.news += 1;
		this.#tell(release);
	}

	/** It was taken out: there is nothing to tell about that. */
	noteGone(upload: UploadInTab): void {
		const release = this.of(upload);
		if (release) release.news += 1;
	}

	/** The artist has published it. */
	notePublished(groupId: string): void {
		const release = this.get(groupId);
		release.isOurs = true;
		release.notePublished();
		this.#tell(release, true);
	}

	/** A page about the release opens or closes: what it shows needs no toast. */
	noteShown(groupId: string, isShown: boolean): void {
		const release = this.get(groupId);
		release.isShown = isShown;
		if (isShown) this.hush(groupId);
		else this.#tell(release, release.active.length > 0);
	}

	/** Takes its toast away. */
	hush(groupId: string): void {
		this.#toasts.dismiss(groupId);
	}

	/** One toast a release. Dismissed while it runs, it comes back only for the end, or a halt. */
	#tell(release: ReleaseInTab, isNew = false): void {
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
}
