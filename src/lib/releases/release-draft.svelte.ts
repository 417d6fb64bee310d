import { moveItem } from '#lib/ui/move-item.ts';
import { keepImage } from '#lib/uploads/keep-image.ts';
import { recallUpload } from '#lib/uploads/remembered-uploads.ts';
import { RefusedError } from '#lib/refusal.ts';
import { isReplaceable } from '#lib/uploads/upload.ts';
import type { FileToSend, Uploader } from '#lib/uploads/uploader.ts';
import type { UploadInTab } from '#lib/uploads/upload-in-tab.svelte.ts';
import type { UploadsInTab } from '#lib/uploads/uploads-in-tab.svelte.ts';
import { Autosave } from './autosave.svelte.ts';
import { summarise } from './publish-summary.ts';
import { DraftRequests } from './draft-requests.svelte.ts';
import { EarlyChanges, type MissingFile } from './early-changes.svelte.ts';
import { KeptApart } from './kept-apart.svelte.ts';
import { KeptDraft } from './kept-draft.ts';
import { type RefusedForm, typedInForm } from './refused-form.ts';
import { discardRelease, removeUpload, retryUpload } from './release-requests.ts';
import type { ReleaseState, TrackChange } from './release.ts';
import { ReleaseHead } from './release-head.svelte.ts';
import { TrackDraft } from './track-draft.svelte.ts';
import { trackOfFile } from './track-of-file.ts';
import { byNumber } from './track-order.ts';

type TrackFields = NonNullable<TrackChange['fields']>;

/** A release while it is edited: what the server knows, and what was typed here over it. */
export class ReleaseDraft {
	readonly releaseId: string;
	readonly requests: DraftRequests;
	readonly autosave: Autosave;
	/** what is said about it as a whole */
	readonly head: ReleaseHead;
	/** what was kept of it here, and has found something newer */
	readonly apart: KeptApart;
	server = $state.raw<ReleaseState>() as ReleaseState;
	/** in order */
	tracks = $state.raw<TrackDraft[]>([]);
	#uploads: UploadsInTab;
	#did: string;
	/** those that are still being kept */
	#pictures: Promise<unknown>[] = [];
	/** ids of files that were taken out here */
	#removed: string[] = [];
	/** another file is to take their place, and has not begun */
	#replaced: TrackDraft[] = [];
	#isRestored = false;
	#isFromForm = false;
	#kept: KeptDraft;
	#early: EarlyChanges;

	/** @param did of the artist: the drafts of others are not theirs, in the same browser neither */
	constructor(release: ReleaseState, uploads: UploadsInTab, did: string) {
		this.releaseId = release.release_id;
		this.#did = did;
		this.requests = new DraftRequests(this.releaseId, did);
		this.#uploads = uploads;
		this.#kept = new KeptDraft(did, this.releaseId, () => this.server);
		this.apart = new KeptApart(this.#kept);
		this.autosave = new Autosave(
			(change, isLast) => this.requests.save(change, isLast),
			(saved) => this.noteServer(saved),
			this.#kept
		);
		this.#early = new EarlyChanges({ id: this.releaseId, did }, this.#kept, (id, change) =>
			this.autosave.add({ tracks: [{ upload_id: id, ...change }] })
		);
		this.head = new ReleaseHead(() => this.server, this.autosave);
		this.noteServer(release);
	}

	readonly summary = $derived.by(() => summarise(this.tracks, this.missing));

	/** given to this browser, never begun, and not at hand */
	get missing(): readonly MissingFile[] {
		return this.#early.missing;
	}

	/** The artist does without a file that is missing. */
	leaveOut(file: MissingFile): void {
		this.#early.leaveOut(file);
	}

	/** Takes over what the server says; what was typed here stays. */
	noteServer(release: ReleaseState): void {
		this.server = release;
		const states = release.tracks.filter(({ upload }) => !this.#isHidden(upload.upload_id));
		const known = [...this.tracks, ...this.#replaced];
		const rows = states.map((state) => {
			const { upload_id: id } = state.upload;
			const track = known.find(({ uploadId }) => uploadId === id);
			if (!track) return new TrackDraft(this.#uploads, { server: state });
			track.server = state;
			return track;
		});
		const unknown = this.tracks.filter((track) => track.local && !rows.includes(track));
		// not begun yet, or refused and gone
		for (const track of unknown) track.server = null;
		this.#order([...rows, ...unknown]);
		this.autosave.keepRefusalsOf(this.tracks.map(({ uploadId }) => uploadId));
		if (this.#isRestored) for (const track of rows) this.#early.restore(track);
	}

	/**
	 * Shows what this browser kept of what was typed and not saved, and saves it where nothing newer is
	 * there. Once, in the browser.
	 */
	restore(): void {
		if (this.#isRestored) return;
		this.#isRestored = true;
		const change = this.#kept.takeUp();
		this.apart.look();
		this.head.noteTyped(change);
		for (const { upload_id: id, position, fields } of change.tracks ?? []) {
			const track = this.tracks.find(({ uploadId }) => uploadId === id);
			if (track) track.typed = { ...fields, ...track.typed };
			if (track && position !== undefined) track.place = position;
		}
		this.#order(this.tracks);
		this.autosave.add(change);
		for (const track of this.tracks) this.#early.restore(track);
		if (!this.#isFromForm) return;
		this.head.saveForm();
		for (const track of this.tracks) this.changeTrack(track, track.typed);
	}

	/**
	 * Takes over what this tab sends, also what the server does not know yet.
	 * @param known how many it knows: what was typed about those can be saved
	 */
	noteLocal(uploads: UploadInTab[], known: number): void {
		const sent = uploads.filter(({ source, uploadId: id }) => source && !this.#isHidden(id));
		let rows = this.tracks.filter(({ local, server }) => server || !local || sent.includes(local));
		for (const upload of sent) {
			const row = rows.find((track) => track.local === upload || isSame(track, upload));
			if (row) row.local = upload;
			else rows = [...rows, new TrackDraft(this.#uploads, { local: upload })];
		}
		this.#order(rows);
		for (const track of rows) this.#early.restore(track);
		if (known > 0) for (const track of rows) this.#early.send(track);
	}

	/** Asks the server for what is new. @returns whether it answered */
	async refresh(): Promise<boolean> {
		try {
			this.noteServer(await this.requests.get());
			return true;
		} catch (cause) {
			if (this.requests.isGone) this.autosave.forget();
			return cause instanceof RefusedError && [403, 404].includes(cause.status);
		}
	}

	/** Says what was kept apart about a field after all: it is typed anew. */
	useKept(field: string): void {
		const kept = this.apart.take(field);
		this.head.say(kept);
		const placeOf: Record<string, number> = {};
		for (const { upload_id: id, position, fields } of kept.tracks ?? []) {
			const track = this.tracks.find(({ uploadId }) => uploadId === id);
			if (track && fields) this.changeTrack(track, fields);
			if (position !== undefined) placeOf[id] = position;
		}
		const place = (track: TrackDraft) => placeOf[track.uploadId ?? ''] ?? track.position;
		if (Object.keys(placeOf).length > 0) {
			this.#place(this.tracks.toSorted((a, b) => place(a) - place(b)));
		}
	}

	changeTrack(track: TrackDraft, fields: TrackFields): void {
		track.typed = { ...track.typed, ...fields };
		const isEmptied = fields.title !== undefined && !fields.title?.trim();
		this.#add(track, { fields: isEmptied ? { ...fields, title: null } : fields });
	}

	changeAll(fields: TrackFields): void {
		for (const track of this.tracks) this.changeTrack(track, fields);
	}

	/** Keeps a picture and shows it on tracks. @throws RefusedError when it is none */
	async setArtwork(tracks: TrackDraft[], image: File, previewUrl: string): Promise<void> {
		const kept = keepImage(image);
		this.notePicture(kept);
		const id = await kept;
		for (const track of tracks) {
			track.previewUrl = previewUrl;
			this.changeTrack(track, { image_id: id });
		}
	}

	/** Remembers a picture on its way, so that nothing is published without it. */
	notePicture(kept: Promise<unknown>): void {
		this.#pictures.push(kept);
	}

	/**
	 * Saves everything there is, pictures on their way too.
	 * @returns whether all of it is saved
	 * @throws once, why a picture was not kept: nobody publishes without it unawares
	 */
	async settle(): Promise<boolean> {
		const pictures = this.#pictures;
		this.#pictures = [];
		const outcomes = await Promise.allSettled(pictures);
		const isSaved = await this.autosave.flush();
		for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
		return isSaved;
	}

	/** Moves a track to a place from 0, and everything between gives way. */
	moveTrack(from: number, to: number): void {
		this.#place(moveItem(this.tracks, from, to));
	}

	orderByNumber(): void {
		this.#place(byNumber(this.tracks, ({ numbers }) => numbers));
	}

	/** Lets a file go on that could not. @throws RefusedError */
	async retry({ uploadId }: TrackDraft): Promise<void> {
		if (uploadId === null) return;
		const uploader = await this.#uploads.uploader();
		uploader.follow(await retryUpload(uploadId));
		await this.refresh();
	}

	/** Takes a file out. @throws RefusedError when it is being worked on just now */
	async remove(track: TrackDraft): Promise<void> {
		const isGone = track.server === null && (track.local?.isOver ?? false);
		await this.#takeOut(track, await this.#uploads.uploader(), isGone);
		// one whose place it was to take is there again
		this.noteServer(this.server);
	}

	/** It was taken out, or another file is about to take its place: it is back when that is refused. */
	#isHidden(uploadId: string | null): boolean {
		if (uploadId === null) return false;
		const isReplaced = ({ local }: TrackDraft) => local?.inPlaceOf === uploadId && !local.isOver;
		return this.#removed.includes(uploadId) || this.tracks.some(isReplaced);
	}

	async #takeOut(track: TrackDraft, uploader: Uploader, isGone: boolean): Promise<void> {
		const { uploadId } = track;
		if (track.local) uploader.dropUnbegun(track.local);
		this.#early.forget(track);
		if (uploadId !== null) {
			uploader.drop(uploadId);
			if (!isGone) await removeUpload(uploadId);
			this.#removed.push(uploadId);
			this.autosave.forgetTrack(uploadId);
		}
		this.tracks = this.tracks.filter((other) => other !== track);
	}

	/**
	 * Goes on with the file a track waits for; any other one takes its place, with everything that
	 * was typed about it.
	 * @throws RefusedError when the earlier one is being worked on just now
	 */
	async replace(track: TrackDraft, file: File, did: string): Promise<void> {
		const { position, uploadId } = track;
		const uploader = await this.#uploads.uploader();
		const source = { file, path: file.name };
		const recalled = recallUpload(file, did)?.uploadId ?? null;
		const own = track.server ? [track.server] : [];
		const isSameFile = trackOfFile(own, source, recalled) !== undefined;
		const toSend: FileToSend = { source, position, uploadId: isSameFile ? uploadId : null };
		// it goes when the other one has begun: until then nothing of it is lost, whatever happens here
		const isTakenOver = !isSameFile && track.upload !== null && isReplaceable(track.upload);
		if (isTakenOver && uploadId !== null) toSend.inPlaceOf = uploadId;
		const [local] = uploader.send(this.releaseId, [toSend], did);
		if (isSameFile || !local) return;
		const next = new TrackDraft(this.#uploads, { local });
		next.place = position;
		next.previewUrl = track.previewUrl;
		this.tracks = this.tracks.map((other) => (other === track ? next : other));
		this.changeTrack(next, track.saidFields);
		if (!isTakenOver) {
			await this.#takeOut(track, uploader, false);
			return;
		}
		this.#replaced.push(track);
		void local.begun.then(() => this.#takeOut(track, uploader, true));
	}

	/** Removes all of it. @throws RefusedError; TypeError or DOMException: nothing of it is lost then */
	async discard(): Promise<void> {
		const uploader = await this.#uploads.uploader();
		await this.autosave.pause();
		const sendOn = uploader.stopRelease(this.releaseId, this.#did);
		try {
			await discardRelease(this.releaseId);
		} catch (cause) {
			sendOn();
			this.autosave.resume();
			throw cause;
		}
		this.autosave.forget();
		uploader.dropRelease(this.releaseId);
	}

	/**
	 * What was typed into a form without scripts, and refused: it is shown as it was, and saved field
	 * by field when there are scripts after all.
	 */
	noteTyped(form: RefusedForm): void {
		const { message, field, values } = form;
		this.head.noteForm(values);
		for (const track of this.tracks) {
			track.typed = typedInForm(form, track.uploadId) ?? track.typed;
		}
		if (field !== null) this.autosave.refusals = { [field]: message };
		this.#isFromForm = true;
	}

	/** All of them are told: the server may have another order by now, as it reads the files. */
	#place(tracks: TrackDraft[]): void {
		tracks.forEach((track, index) => {
			const position = index + 1;
			track.place = position;
			if (track.local) track.local.position = position;
			this.#add(track, { position });
		});
		this.#order(tracks);
	}

	#order(tracks: TrackDraft[]): void {
		if (this.#isRestored) this.#early.look(tracks);
		const ordered = tracks.toSorted((a, b) => a.position - b.position);
		const isSame =
			ordered.length === this.tracks.length &&
			ordered.every((track, index) => track === this.tracks[index]);
		if (!isSame) this.tracks = ordered;
	}

	#add(track: TrackDraft, change: Omit<TrackChange, 'upload_id'>): void {
		const { uploadId } = track;
		if (uploadId !== null) {
			this.autosave.add({ tracks: [{ upload_id: uploadId, ...change }] });
			return;
		}
		this.#early.add(track, change);
	}
}

const isSame = (track: TrackDraft, upload: UploadInTab) =>
	upload.uploadId !== null && track.uploadId === upload.uploadId;
