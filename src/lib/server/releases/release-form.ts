import { writeCommaList } from '#lib/releases/comma-list.ts';
import type {
	ReleaseChange,
	ReleaseState,
	ReleaseTrackState,
	TrackChange
} from '#lib/releases/release.ts';

/**
 * The form of a release as it comes without JavaScript. Its fields are named `album_title`,
 * `description`, `year`, `release_at` (utc where no zone is given), `rights`, and per track
 * `title:<upload_id>`, `position:…`, `tags:…` (separated by commas), `features:…` (handles separated
 * by spaces or commas), `description:…`, `explicit:…`, `unlisted:…`. What is not in the form stays;
 * a box that is not ticked is not in it, so a track's boxes are read when its title is there.
 * @param release as it is now: a position or a time that is the present one changes nothing. An emptied
 *   time does not open what is scheduled: a button says "open it now"
 */
export function readReleaseForm(form: FormData, release: ReleaseState): ReleaseChange {
	const text = textOf(form);
	const { fields, suggested } = release;
	return {
		fields: {
			album_title: unlessSuggested(text('album_title'), fields.album_title, suggested.album_title),
			description: text('description'),
			year: unlessSuggested(unlessEmpty(text('year'), Number), fields.year, suggested.year)
		},
		release_at: readTime(text('release_at'), release),
		rights_confirmed: form.has('rights') ? true : undefined,
		tracks: release.tracks.map((track) => readTrack(form, track))
	};
}

/** What was typed, by name, so that a refused form can be shown as it was. */
export function typedValues(form: FormData): Record<string, string> {
	return Object.fromEntries(
		[...form].filter((entry): entry is [string, string] => typeof entry[1] === 'string')
	);
}

function readTime(sent: string | undefined, { status, release_at: present }: ReleaseState) {
	// the field shows minutes, as the page writes them
	if (sent === present?.slice(0, 16)) return undefined;
	const time = unlessEmpty(sent, withZone);
	return time === null && status === 'published' ? undefined : time;
}

/** What a field shows because a file says it was not said by the artist, who only sent it back. */
const unlessSuggested = <T>(sent: T | undefined, said: T | null, suggested: T | null) =>
	said === null && sent === suggested ? undefined : sent;

function readTrack(form: FormData, track: ReleaseTrackState): TrackChange {
	const text = textOf(form);
	const { position: present, fields, suggested } = track;
	const { upload_id: id } = track.upload;
	const areTagsSuggested =
		fields.tags === null && text(`tags:${id}`) === writeCommaList(suggested.tags);
	const position = unlessEmpty(text(`position:${id}`), Number) ?? present;
	const hasBoxes = form.has(`title:${id}`);
	return {
		upload_id: id,
		position: position === present ? undefined : position,
		fields: {
			title: unlessSuggested(text(`title:${id}`), fields.title, suggested.title),
			description: text(`description:${id}`),
			tags: areTagsSuggested ? undefined : parts(text(`tags:${id}`), /,/),
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
