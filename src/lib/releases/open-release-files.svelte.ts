import { isSameFile, marksOf } from '#lib/uploads/file-marks.ts';
import type { ReleaseInTab } from '#lib/uploads/release-in-tab.svelte.ts';
import { unbegunFiles } from '#lib/uploads/remembered-uploads.ts';
import { stageIndex, STAGES } from '#lib/uploads/stages.ts';
import { isFinished, type UploadState } from '#lib/uploads/upload.ts';
import type { UploadsInTab } from '#lib/uploads/uploads-in-tab.svelte.ts';
import { takesFiles } from './is-open.ts';
import type { ReleaseState } from './release.ts';

/** A file this browser was given and did not get to begin; why, where that is known. */
export interface UnbegunFile {
	name: string;
	why: string | null;
}

/**
 * The files of a release that is open: what its page was rendered with, and what this tab has heard
 * and remembers since.
 */
export class OpenReleaseFiles {
	/** null until what sends and follows is there */
	inTab = $state.raw<ReleaseInTab | null>(null);
	#release: () => ReleaseState;
	#uploads: UploadsInTab;
	#did: string;

	constructor(release: () => ReleaseState, uploads: UploadsInTab, did: string) {
		this.#release = release;
		this.#uploads = uploads;
		this.#did = did;
	}

	readonly #states = $derived.by((): UploadState[] =>
		this.#release().tracks.map(({ upload, fields, suggested }) => {
			const heard = this.#uploads.find(upload.upload_id)?.server;
			const newest = heard && heard.version >= upload.version ? heard : upload;
			return { ...newest, title: fields.title ?? suggested.title };
		})
	);
	/** the rest of these is in nobody's hands, as far as this tab can tell */
	readonly halves = $derived.by(() =>
		this.#states.filter(({ status, upload_id: id }) => {
			const here = this.#uploads.find(id);
			return status === 'receiving' && (!here || here.isOver);
		})
	);
	readonly lost = $derived.by(() => this.#states.filter(({ status }) => status === 'failed'));
	readonly done = $derived.by(() => this.#states.filter(({ status }) => status === 'completed'));
	/** on their way, and those that are there */
	readonly inWork = $derived.by(() =>
		this.#states.filter((state) => state.status !== 'failed' && !this.halves.includes(state))
	);
	/** chosen in this tab, and not known to the server yet */
	readonly queued = $derived.by(() => this.inTab?.unbegun ?? []);
	/** given to this browser, and not known to the server as far as it has heard */
	readonly #remembered = $derived.by(() =>
		this.inTab && this.inTab.news >= 0 ? unbegunFiles(this.#release().release_id, this.#did) : []
	);
	readonly unbegun = $derived.by((): UnbegunFile[] => {
		if (!takesFiles(this.#release())) return [];
		const own = (this.inTab?.uploads ?? []).filter(({ uploadId }) => uploadId === null);
		return this.#remembered.flatMap((file) => {
			const here = own.find(({ source }) => source && isSameFile(marksOf(source.file), file));
			return here?.isSending ? [] : [{ name: file.name, why: here?.error ?? null }];
		});
	});
	/** what is to be a track, or is one */
	readonly count = $derived(
		this.inWork.length + this.halves.length + this.queued.length + this.unbegun.length
	);
	/** how far all of them are, 0..1: a stage is a part of the way */
	readonly way = $derived.by(() => {
		const stages = this.inWork.reduce((sum, state) => sum + stageIndex(state), 0);
		return this.count > 0 ? stages / (STAGES.length - 1) / this.count : null;
	});
	readonly isMissing = $derived(this.halves.length + this.unbegun.length > 0);
	readonly isOver = $derived(
		this.#states.every(isFinished) && this.queued.length + this.unbegun.length === 0
	);
	/** uploads that have joined since the page was rendered */
	readonly joined = $derived.by(() => {
		const known = this.#release().tracks.map(({ upload }) => upload.upload_id);
		return (this.inTab?.uploads ?? [])
			.flatMap(({ uploadId }) => uploadId ?? [])
			.filter((id) => !known.includes(id));
	});
}
