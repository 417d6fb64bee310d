import { momentInWords } from '#lib/format.ts';
import { writeCommaList } from './comma-list.ts';
import { ORDER } from './release-change.ts';

const HEAD: Readonly<Record<string, string>> = {
	album_title: 'album',
	description: 'description',
	year: 'year',
	image_id: 'cover',
	release_at: 'release date',
	rights_confirmed: 'your statement about the rights',
	[ORDER]: 'order of the tracks'
};

const TRACK: Readonly<Record<string, string>> = {
	title: 'title',
	description: 'description',
	tags: 'tags',
	features: 'featured artists',
	image_id: 'artwork',
	explicit: 'explicit',
	unlisted: 'unlisted'
};

/**
 * What to call a field: "album", "title of tide".
 * @param nameOf a track of the draft by its upload; undefined: it is not in it
 * @returns null for one of a track that is not there
 */
export function fieldInWords(
	field: string,
	nameOf: (uploadId: string) => string | undefined
): string | null {
	const colon = field.indexOf(':');
	if (colon < 0) return HEAD[field] ?? field;
	const name = nameOf(field.slice(colon + 1));
	const what = field.slice(0, colon);
	return name === undefined ? null : `${TRACK[what] ?? what} of ${name}`;
}

/** What was typed into a field, to be read. */
export function valueInWords(field: string, value: unknown): string {
	if (field === ORDER) return 'another one';
	if (field.startsWith('image_id')) return value === null ? 'none' : 'another picture';
	if (value === null || value === '') return 'none';
	if (typeof value === 'boolean') return value ? 'yes' : 'no';
	if (Array.isArray(value)) return value.length > 0 ? writeCommaList(value.map(String)) : 'none';
	if (typeof value === 'number') return String(value);
	if (typeof value !== 'string') return '';
	return field === 'release_at' ? momentInWords(value) : `“${value}”`;
}
