import type { ReleaseChange, ReleaseState, TrackChange } from '#lib/releases/release.ts';

/**
 * The form of a release as it comes without JavaScript. Its fields are named `album_title`,
 * `description`, `year`, `release_at` (utc where no zone is given), `rights`, and per track
 * `title:<upload_id>`, `position:…`, `tags:…` (separated by commas), `features:…` (handles separated
 * by spaces or commas), `description:…`, `explicit:…`, `unlisted:…`. What is not in the form stays;
 * a box that is not ticked is not in it, so a track's boxes are read when its title is there.
 * @param release as it is now: a position that is the present one moves nothing
 */
export function readReleaseForm(form: FormData, release: ReleaseState): ReleaseChange {
	const text = textOf(form);
	return {
		fields: {
			album_title: text('album_title'),
			description: text('description'),
			year: unlessEmpty(text('year'), Number)
		},
		release_at: unlessEmpty(text('release_at'), withZone),
		rights_confirmed: form.has('rights') ? true : undefined,
		tracks: release.tracks.map(({ upload, position }) =>
			readTrack(form, upload.upload_id, position)
		)
	};
}

/** What was typed, by name, so that a refused form can be shown as it was. */
export function typedValues(form: FormData): Record<string, string> {
	return Object.fromEntries(
		[...form].filter((entry): entry is [string, string] => typeof entry[1] === 'string')
	);
}

function readTrack(form: FormData, id: string, present: number): TrackChange {
	const text = textOf(form);
	const position = unlessEmpty(text(`position:${id}`), Number) ?? present;
	const hasBoxes = form.has(`title:${id}`);
	return {
		upload_id: id,
		position: position === present ? undefined : position,
		fields: {
			title: text(`title:${id}`),
			description: text(`description:${id}`),
			tags: parts(text(`tags:${id}`), /,/),
			features: parts(text(`features:${id}`), /[\s,]+/),
			is_explicit: hasBoxes ? form.has(`explicit:${id}`) : undefined,
			is_unlisted: hasBoxes ? form.has(`unlisted:${id}`) : undefined
		}
	};
}

const textOf = (form: FormData) => (name: string) => {
	const value = form.get(name);
	return typeof value === 'string' ? value : undefined;
};

/** What a text says; null when it was emptied. What it cannot say is left for the check to refuse. */
const unlessEmpty = <T>(text: string | undefined, read: (text: string) => T) =>
	text === undefined ? undefined : text.trim() === '' ? null : read(text.trim());

const parts = (text: string | undefined, separator: RegExp) =>
	text
		?.split(separator)
		.map((part) => part.trim())
		.filter((part) => part !== '');

/** What a date-and-time field sends has no zone: it is taken as utc. */
function withZone(text: string): string {
	return /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?$/.test(text)
		? `${text.length === 16 ? `${text}:00` : text}Z`
		: text;
}
