import { keepImage } from '#lib/uploads/keep-image.ts';
import type { Autosave } from './autosave.svelte.ts';
import { minuteFrom } from './local-minute.ts';
import type { ReleaseChange, ReleaseState } from './release.ts';

type Fields = NonNullable<ReleaseChange['fields']>;

/** What is said about a release as a whole: what was typed here over what the server knows. */
export class ReleaseHead {
	typed = $state.raw<Fields>({});
	/** undefined: not changed here */
	#singles = $state<boolean | undefined>(undefined);
	#releaseAt = $state<string | null | undefined>(undefined);
	#rights = $state<boolean | undefined>(undefined);
	#previewUrl = $state<string | null>(null);
	#server: () => ReleaseState;
	#autosave: Autosave;

	constructor(server: () => ReleaseState, autosave: Autosave) {
		this.#server = server;
		this.#autosave = autosave;
	}

	/** published for a day to come: until then everything can be changed */
	readonly isScheduled = $derived.by(() => this.#server().status === 'published');
	readonly #said = $derived.by(() => ({ ...this.#server().fields, ...this.typed }));
	/** the artist said that there is no album */
	readonly isSingles = $derived.by(() => this.#singles ?? this.#server().fields.album_title === '');
	readonly isAlbumSuggested = $derived.by(
		() => !(this.typed.album_title ?? this.#server().fields.album_title)
	);
	/** as the field shows it: while it is being typed it may be empty */
	readonly albumTitle = $derived.by(() => {
		const { fields, suggested } = this.#server();
		return this.typed.album_title ?? (fields.album_title || suggested.album_title || '');
	});
	readonly year = $derived.by(() => this.#said.year ?? this.#server().suggested.year);
	readonly isYearSuggested = $derived(this.#said.year === null);
	readonly description = $derived(this.#said.description ?? '');
	/** ISO; null: it opens at once */
	readonly releaseAt = $derived.by(() =>
		this.#releaseAt === undefined ? this.#server().release_at : this.#releaseAt
	);
	readonly hasRights = $derived.by(() => this.#rights ?? this.#server().rights_confirmed);
	readonly coverUrl = $derived.by(() => {
		const { fields, suggested } = this.#server();
		return this.#previewUrl ?? fields.image_url ?? suggested.image_url;
	});

	/** Shows what was typed on an earlier page, unless something newer was. */
	noteTyped({ fields, release_at: releaseAt, rights_confirmed: hasRights }: ReleaseChange): void {
		const { album_title: title, ...others } = fields ?? {};
		if (title === '') this.#singles ??= true;
		else if (title !== undefined) {
			this.#singles ??= false;
			this.typed = { album_title: title, ...this.typed };
		}
		this.typed = { ...others, ...this.typed };
		if (this.#releaseAt === undefined) this.#releaseAt = releaseAt;
		this.#rights ??= hasRights;
	}

	/** Says one of its fields, over whatever was said before. */
	say({ fields, release_at: releaseAt, rights_confirmed: hasRights }: ReleaseChange): void {
		const { album_title: title } = fields ?? {};
		if (title !== undefined) this.#singles = title === '';
		if (title === '') this.setSingles(true);
		else if (fields) this.change(fields);
		if (releaseAt !== undefined) this.setReleaseAt(releaseAt);
		if (hasRights !== undefined) this.confirmRights(hasRights);
	}

	/** Shows what a form without scripts came back with, by the names of its fields. */
	noteForm(values: Record<string, string>): void {
		const { album_title: title, description, year, release_at: time, rights } = values;
		this.typed = { album_title: title, description };
		// a field for numbers shows no other text
		if (/^\d+$/.test(year ?? '')) this.typed = { ...this.typed, year: Number(year) };
		if (/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(time ?? '')) this.#releaseAt = `${time}Z`;
		if (rights !== undefined) this.#rights = true;
	}

	/** Saves what a form without scripts came back with. */
	saveForm(): void {
		this.change(this.typed);
		if (this.#releaseAt) this.setReleaseAt(minuteFrom(this.#releaseAt));
		if (this.#rights !== undefined) this.confirmRights(this.#rights);
	}

	change(fields: Fields): void {
		this.typed = { ...this.typed, ...fields };
		const { album_title: title } = fields;
		const isEmptied = title !== undefined && !title?.trim();
		this.#autosave.add({ fields: isEmptied ? { ...fields, album_title: null } : fields });
	}

	/** '' as an album's title says that there is none */
	setSingles(isSingles: boolean): void {
		this.#singles = isSingles;
		const title = this.typed.album_title?.trim() || this.#server().fields.album_title || null;
		this.#autosave.add({ fields: { album_title: isSingles ? '' : title } });
	}

	setReleaseAt(iso: string | null): void {
		this.#releaseAt = iso;
		this.#autosave.add({ release_at: iso });
	}

	/** It could not be opened: nothing opens it later, when somebody else may have thought better of it. */
	stayClosed(): void {
		this.#releaseAt = undefined;
		this.#autosave.withdraw('release_at');
	}

	confirmRights(hasRights: boolean): void {
		this.#rights = hasRights;
		this.#autosave.add({ rights_confirmed: hasRights });
	}

	/** Keeps a picture and shows it. @throws RefusedError when it is none */
	async setCover(image: File, previewUrl: string): Promise<void> {
		const id = await keepImage(image);
		this.#previewUrl = previewUrl;
		this.change({ image_id: id });
	}
}
