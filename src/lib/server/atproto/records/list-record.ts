import { main as lexicon } from '#lib/server/atproto/lexicons/fm/plyr/list.ts';
import { lineOfRecord, linesOfRecord } from './record-text.ts';
import { idOfPublicUrl, publicImageUrl, type RecordSite } from './record-site.ts';
import { validateRecord } from './validate.ts';

/** One record on a list, as it was when it was put there. */
export interface ListSubject {
	uri: string;
	cid: string;
}

/** What an album's record says of the album itself: null is nothing, absent is unchanged. */
export interface AlbumFacts {
	title: string;
	description: string | null;
	year: number | null;
	imageId: string | null;
}

/** What a list record says, after it was read. */
export interface ListRecord {
	isAlbum: boolean;
	/** null when its maker gave none */
	name: string | null;
	description: string | null;
	year: number | null;
	/** of our own pictures; null when the record points elsewhere or nowhere */
	imageId: string | null;
	/** addresses of what is on it, in order, each once */
	uris: string[];
	createdAt: Date;
}

/** fm.plyr.list: a name has at most so many of what a person counts as characters, and bytes. */
const MAX_NAME_GRAPHEMES = 64;
const MAX_NAME_BYTES = 256;

/**
 * The record of a new album.
 * @throws InvalidRecord when it does not fit the lexicon
 */
export function encodeAlbum(
	site: RecordSite,
	album: AlbumFacts & { createdAt: Date },
	subjects: ListSubject[]
): Record<string, unknown> {
	const empty = {
		$type: site.listCollection,
		listType: 'album',
		items: [],
		createdAt: album.createdAt.toISOString()
	};
	const { createdAt: _, ...facts } = album;
	const items = subjects.map((subject) => ({ subject }));
	return overlayAlbum(site, empty, { ...facts, items });
}

/**
 * The record with what changed laid over it. Everything else stays as it is: `createdAt`, fields
 * and items of other programs, of which we know nothing.
 * @throws InvalidRecord when the outcome does not fit the lexicon
 */
export function overlayAlbum(
	site: RecordSite,
	record: Record<string, unknown>,
	change: Partial<AlbumFacts> & { items?: unknown[] }
): Record<string, unknown> {
	const { title, description, year, imageId, items } = change;
	const said: [string, unknown][] = [
		['name', title === undefined ? undefined : fitName(title)],
		['description', description],
		['year', year],
		['imageUrl', typeof imageId === 'string' ? publicImageUrl(site, imageId) : imageId],
		['items', items]
	];
	const overlay = said.filter(([, value]) => value !== undefined);
	const changed = Object.fromEntries(
		Object.entries({ ...record, ...Object.fromEntries(overlay) }).filter(
			([name, value]) => value !== null || record[name] === null
		)
	);
	validateRecord(lexicon, site.listCollection, changed);
	return changed;
}

/**
 * Reads a record that came from a repository.
 * @throws InvalidRecord
 */
export function decodeList(site: RecordSite, record: unknown): ListRecord {
	const list = validateRecord(lexicon, site.listCollection, record);
	return {
		isAlbum: list.listType === 'album',
		name: lineOfRecord(list.name ?? '').trim() || null,
		description: linesOfRecord(list.description ?? '') || null,
		year: list.year ?? null,
		imageId: idOfPublicUrl(site, 'images', list.imageUrl),
		uris: [...new Set(list.items.map((item) => item.subject.uri))],
		createdAt: new Date(list.createdAt)
	};
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** A title that came from a track's record may be longer than a list's name. */
function fitName(title: string): string {
	const characters = [...graphemes.segment(title)].map(({ segment }) => segment);
	let length = Math.min(characters.length, MAX_NAME_GRAPHEMES);
	while (Buffer.byteLength(characters.slice(0, length).join('')) > MAX_NAME_BYTES) length--;
	return characters.slice(0, length).join('').trim();
}
