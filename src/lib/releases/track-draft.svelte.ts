import { type FileMarks, marksOf } from '#lib/uploads/file-marks.ts';
import { isParked } from '#lib/uploads/stages.ts';
import type { UploadState } from '#lib/uploads/upload.ts';
import type { UploadInTab } from '#lib/uploads/upload-in-tab.svelte.ts';
import type { UploadsInTab } from '#lib/uploads/uploads-in-tab.svelte.ts';
import { titleFromFileName } from '#lib/uploads/title-from-file-name.ts';
import type { ReleaseTrackState, TrackChange } from './release.ts';
import type { EarlyChange } from './stored-draft.ts';

type Fields = NonNullable<TrackChange['fields']>;

/**
 * What an artist can be told about a file of a draft. `half`: bytes stopped arriving and nobody
 * here sends them. `stuck`: it cannot go on without somebody.
 */
export type TrackCondition =
	'sending' | 'half' | 'working' | 'ready' | 'duplicate' | 'broken' | 'stuck' | 'published';

/** One row of a draft: what the file says, what the artist typed over it, and how far it is. */
export class TrackDraft {
	readonly key: string;
	server = $state.raw<ReleaseTrackState | null>(null);
	/** the file as this tab sends it; null for one that came otherwise */
	local = $state.raw<UploadInTab | null>(null);
	/** what was typed here; it holds whatever the server says later. null takes a field back */
	typed = $state.raw<Fields>({});
	/** a place given here */
	place = $state<number | null>(null);
	/** changes that wait until the server knows the file */
	unsent = $state.raw<EarlyChange>({});
	/** the browser keeps them until then */
	isUnsentKept = $state(false);
	/** shown at once for a picture chosen here */
	previewUrl = $state<string | null>(null);
	#uploads: UploadsInTab;

	constructor(uploads: UploadsInTab, from: { server: ReleaseTrackState } | { local: UploadInTab }) {
		this.#uploads = uploads;
		if ('server' in from) this.server = from.server;
		else this.local = from.local;
		this.key = 'local' in from ? from.local.key : from.server.upload.upload_id;
	}

	readonly uploadId = $derived.by(
		() => this.local?.uploadId ?? this.server?.upload.upload_id ?? null
	);
	readonly inTab = $derived.by(
		() =>
			this.local ?? (this.uploadId === null ? null : (this.#uploads.find(this.uploadId) ?? null))
	);
	/** the newest that is known of its upload */
	readonly upload = $derived.by((): UploadState | null => {
		const [heard, loaded] = [this.inTab?.server ?? null, this.server?.upload ?? null];
		if (!heard || !loaded) return heard ?? loaded;
		return heard.version >= loaded.version ? heard : loaded;
	});
	readonly position = $derived.by(
		() => this.place ?? this.server?.position ?? this.local?.position ?? 1
	);
	readonly fileName = $derived.by(
		() => this.upload?.file_name ?? this.local?.source?.file.name ?? ''
	);
	/** what its file is told by; null while nothing is known of it */
	readonly marks = $derived.by((): FileMarks | null => {
		const { file } = this.local?.source ?? {};
		if (file) return marksOf(file);
		const { upload } = this;
		if (!upload) return null;
		const { file_name: name, size_bytes: sizeBytes, modified_ms: modifiedMs } = upload;
		return { name, sizeBytes, modifiedMs };
	});

	readonly suggestedTitle = $derived.by(
		() => this.server?.suggested.title || titleFromFileName(this.fileName)
	);
	/** as the field shows it: while it is being typed it may be empty */
	readonly title = $derived.by(() => this.#said('title') ?? this.suggestedTitle);
	readonly isTitleSuggested = $derived.by(() => this.#said('title') === null);
	/** never empty */
	readonly name = $derived(this.title.trim() || this.suggestedTitle || this.fileName);
	readonly tags = $derived.by(() => this.#said('tags') ?? this.server?.suggested.tags ?? []);
	readonly areTagsSuggested = $derived.by(() => this.#said('tags') === null);
	readonly features = $derived.by(() => this.#said('features') ?? []);
	readonly description = $derived.by(() => this.#said('description') ?? '');
	readonly isExplicit = $derived.by(() => this.#said('is_explicit') ?? false);
	readonly isUnlisted = $derived.by(() => this.#said('is_unlisted') ?? false);
	readonly hasOwnImage = $derived.by(() => this.#said('image_id') !== null);
	readonly imageUrl = $derived.by(() => {
		if (this.previewUrl !== null) return this.previewUrl;
		if (this.typed.image_id !== null && this.server?.fields.image_url) {
			return this.server.fields.image_url;
		}
		return this.server?.suggested.image_url ?? null;
	});
	readonly isUnsent = $derived(Object.keys(this.unsent).length > 0);
	readonly numbers = $derived.by(() => ({
		discNumber: this.server?.suggested.disc_number ?? null,
		trackNumber: this.server?.suggested.track_number ?? null
	}));

	/** the release was asked for since it was read */
	readonly isLoaded = $derived(this.server !== null && isParked(this.server.upload));
	readonly duplicateOf = $derived.by(() => this.server?.duplicate_of ?? null);
	readonly condition = $derived.by((): TrackCondition => {
		const { upload } = this;
		if (this.duplicateOf) return 'duplicate';
		if (this.inTab?.error || upload?.status === 'failed') return 'broken';
		if (this.inTab?.isSending) return 'sending';
		if (!upload || upload.status === 'receiving') return this.local ? 'working' : 'half';
		if (upload.status === 'completed') return 'published';
		// what was read from it may not be here yet: nothing changes in a row that says it is ready
		if (isParked(upload)) return this.isLoaded ? 'ready' : 'working';
		return upload.status === 'waiting' ? 'stuck' : 'working';
	});
	/** why it cannot become a track; a sentence */
	readonly problem = $derived.by(
		() => this.inTab?.error ?? this.upload?.error ?? this.upload?.message ?? ''
	);

	/** everything the artist has said about it, to be said about another file */
	get saidFields(): Fields {
		const { image_url: _, ...kept } = this.server?.fields ?? { image_url: null };
		return { ...kept, ...this.typed };
	}

	#said<Name extends keyof Fields>(name: Name): Fields[Name] | null {
		const typed = this.typed[name];
		if (typed !== undefined) return typed;
		return (this.server?.fields as Fields | undefined)?.[name] ?? null;
	}
}
