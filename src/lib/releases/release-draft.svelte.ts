import { keepImage } from '#lib/uploads/keep-image.ts';
import { recallUpload } from '#lib/uploads/remembered-uploads.ts';
import type { UploadInTab } from '#lib/uploads/upload-in-tab.svelte.ts';
import type { UploadsInTab } from '#lib/uploads/uploads-in-tab.svelte.ts';
import { Autosave } from './autosave.svelte.ts';
import { summarise } from './publish-summary.ts';
import { readCommaList, readHandles } from './comma-list.ts';
import { changeRelease, discardRelease, getRelease, removeUpload } from './release-requests.ts';
import type { ReleaseChange, ReleaseState, TrackChange } from './release.ts';
import { TrackDraft } from './track-draft.svelte.ts';
import { byNumber, move } from './track-order.ts';

type Fields = NonNullable<ReleaseChange['fields']>;
type TrackFields = NonNullable<TrackChange['fields']>;

/** A release while it is edited: what the server knows, and what was typed here over it. */
export class ReleaseDraft {
	readonly releaseId: string;
	readonly autosave: Autosave;
	server = $state.raw<ReleaseState>() as ReleaseState;
	/** in order */
	tracks = $state.raw<TrackDraft[]>([]);
	typed = $state.raw<Fields>({});
	/** undefined: not changed here */
	typedSingles = $state<boolean | undefined>(undefined);
	typedReleaseAt = $state<string | null | undefined>(undefined);
	typedRights = $state<boolean | undefined>(undefined);
	coverPreviewUrl = $state<string | null>(null);
	#uploads: UploadsInTab;
	/** ids of files that were taken out here */
	#removed: string[] = [];

	constructor(release: ReleaseState, uploads: UploadsInTab) {
		this.releaseId = release.release_id;
		this.#uploads = uploads;
		this.autosave = new Autosave(
			(change, isLast) => changeRelease(this.releaseId, change, isLast),
			(saved) => this.noteServer(saved)
		);
		this.noteServer(release);
	}

	/** published for a day to come: until then everything can be changed */
	readonly isScheduled = $derived(this.server.status === 'published');
	readonly fields = $derived.by(() => ({ ...this.server.fields, ...this.typed }));
	/** the artist said that there is no album */
	readonly isSingles = $derived.by(
		() => this.typedSingles ?? this.server.fields.album_title === ''
	);
	readonly isAlbumSuggested = $derived.by(
		() => !(this.typed.album_title ?? this.server.fields.album_title)
	);
	/** as the field shows it: while it is being typed it may be empty */
	readonly albumTitle = $derived.by(
		() =>
			this.typed.album_title ??
			(this.server.fields.album_title || this.server.suggested.album_title || '')
	);
	readonly year = $derived.by(() => this.fields.year ?? this.server.suggested.year);
	readonly description = $derived.by(() => this.fields.description ?? '');
	readonly releaseAt = $derived.by(() =>
		this.typedReleaseAt === undefined ? this.server.release_at : this.typedReleaseAt
	);
	readonly hasRights = $derived.by(() => this.typedRights ?? this.server.rights_confirmed);
	readonly coverUrl = $derived.by(() => {
		if (this.coverPreviewUrl !== null) return this.coverPreviewUrl;
		const own = this.typed.image_id === null ? null : this.server.fields.image_url;
		return own ?? this.server.suggested.image_url;
	});
	readonly hasOwnCover = $derived.by(() => this.fields.image_id !== null);
	readonly summary = $derived(summarise(this.tracks));

	/** Takes over what the server says; what was typed here stays. */
	noteServer(release: ReleaseState): void {
		this.server = release;
		const states = release.tracks.filter(({ upload }) => !this.#removed.includes(upload.upload_id));
		const rows = states.map((state) => {
			const { upload_id: id } = state.upload;
			const track = this.tracks.find(({ uploadId }) => uploadId === id);
			if (!track) return new TrackDraft(this.#uploads, { server: state });
			track.server = state;
			return track;
		});
		const unknown = this.tracks.filter((track) => track.local && !rows.includes(track));
		this.#order([...rows, ...unknown]);
	}

	/**
	 * Takes over what this tab sends, also what the server does not know yet.
	 * @param known how many it knows: what was typed about those can be saved
	 */
	noteLocal(uploads: UploadInTab[], known: number): void {
		const sent = uploads.filter(({ source }) => source);
		let rows = this.tracks.filter(({ local, server }) => server || !local || sent.includes(local));
		for (const upload of sent) {
			const row = rows.find((track) => track.local === upload || isSame(track, upload));
			if (row) row.local = upload;
			else rows = [...rows, new TrackDraft(this.#uploads, { local: upload })];
		}
		this.#order(rows);
		if (known > 0) for (const track of rows) this.#sendUnsent(track);
	}

	/** Asks the server for what is new. Nobody answering is no news. */
	async refresh(): Promise<void> {
		try {
			this.noteServer(await getRelease(this.releaseId));
		} catch {
			return;
		}
	}

	change(fields: Fields): void {
		this.typed = { ...this.typed, ...fields };
		const { album_title: title } = fields;
		const saved = title !== undefined && !title?.trim() ? { ...fields, album_title: null } : fields;
		this.autosave.add({ fields: saved });
	}

	/** '' as an album's title says that there is none */
	setSingles(isSingles: boolean): void {
		this.typedSingles = isSingles;
		const title = this.typed.album_title?.trim() || this.server.fields.album_title || null;
		this.autosave.add({ fields: { album_title: isSingles ? '' : title } });
	}

	changeReleaseAt(iso: string | null): void {
		this.typedReleaseAt = iso;
		this.autosave.add({ release_at: iso });
	}

	confirmRights(hasRights: boolean): void {
		this.typedRights = hasRights;
		this.autosave.add({ rights_confirmed: hasRights });
	}

	changeTrack(track: TrackDraft, fields: TrackFields): void {
		track.typed = { ...track.typed, ...fields };
		const isEmptied = fields.title !== undefined && !fields.title?.trim();
		this.#add(track, { fields: isEmptied ? { ...fields, title: null } : fields });
	}

	changeAll(fields: TrackFields): void {
		for (const track of this.tracks) this.changeTrack(track, fields);
	}

	/** Keeps a picture and shows it at once. @throws RefusedError when it is none */
	async setCover(image: File, previewUrl: string): Promise<void> {
		const id = await keepImage(image);
		this.coverPreviewUrl = previewUrl;
		this.change({ image_id: id });
	}

	async setArtwork(tracks: TrackDraft[], image: File, previewUrl: string): Promise<void> {
		const id = await keepImage(image);
		for (const track of tracks) {
			track.previewUrl = previewUrl;
			this.changeTrack(track, { image_id: id });
		}
	}

	/** Moves a track to a place from 0, and everything between gives way. */
	moveTrack(from: number, to: number): void {
		this.#place(move(this.tracks, from, to));
	}

	orderByNumber(): void {
		this.#place(byNumber(this.tracks, ({ numbers }) => numbers));
	}

	/** Takes a file out. @throws RefusedError when it is being worked on just now */
	async remove(track: TrackDraft): Promise<void> {
		const { uploadId } = track;
		const uploader = await this.#uploads.uploader();
		if (track.local) uploader.dropUnbegun(track.local);
		if (uploadId !== null) {
			uploader.drop(uploadId);
			await removeUpload(uploadId);
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
		const isSameFile = uploadId !== null && recallUpload(file, did)?.uploadId === uploadId;
		const [local] = uploader.send(this.releaseId, [{ source, position }], did);
		if (isSameFile || !local) return;
		const next = new TrackDraft(this.#uploads, { local });
		next.place = position;
		next.previewUrl = track.previewUrl;
		this.tracks = this.tracks.map((other) => (other === track ? next : other));
		this.changeTrack(next, track.saidFields);
		await this.remove(track);
	}

	/** Removes all of it. */
	async discard(): Promise<void> {
		const uploader = await this.#uploads.uploader();
		this.autosave.forget();
		await discardRelease(this.releaseId);
		uploader.dropRelease(this.releaseId);
	}

	/** What was typed into a form without scripts, and refused: it is shown as it was. */
	noteTyped(values: Record<string, string>): void {
		const { album_title: albumTitle, description, year } = values;
		this.typed = { album_title: albumTitle, description, year: year ? Number(year) : null };
		for (const track of this.tracks) {
			const of = (name: string) => values[`${name}:${track.uploadId ?? ''}`];
			track.typed = {
				title: of('title'),
				description: of('description'),
				tags: readCommaList(of('tags') ?? ''),
				features: readHandles(of('features') ?? ''),
				is_explicit: of('explicit') !== undefined,
				is_unlisted: of('unlisted') !== undefined
			};
		}
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
		const fields = { ...track.unsent.fields, ...change.fields };
		track.unsent = { ...track.unsent, ...change, fields };
	}

	#sendUnsent(track: TrackDraft): void {
		if (track.uploadId === null || Object.keys(track.unsent).length === 0) return;
		const change = track.unsent;
		track.unsent = {};
		this.#add(track, change);
	}
}

const isSame = (track: TrackDraft, upload: UploadInTab) =>
	upload.uploadId !== null && track.uploadId === upload.uploadId;
