import type { UploadFindings } from '#lib/server/db/schema.ts';
import type { Analysis } from '#lib/server/media/transcoder-client.ts';
import { cleanLine } from '../clean-text.ts';

/** fm.plyr.track: lengths of strings count bytes of UTF-8 */
const MAX_BYTES = 256;

/** What the file says about itself, fit to be shown; empty and overlong values are not. */
export function tagsOf({ tags }: Pick<Analysis, 'tags'>): UploadFindings['tags'] {
	const read = (name: string) => shorten(tags[name] ?? '') || undefined;
	const known = { title: read('title'), artist: read('artist'), album: read('album') };
	return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
}

/** A file's name as a title: without its extension. */
export const titleOfFileName = (fileName: string) =>
	shorten(fileName.replace(/\.[A-Za-z0-9]{1,5}$/, '').replaceAll('_', ' ')) || 'untitled';

/** Cleans a text and cuts it to what a record can hold, between two characters. */
export function shorten(text: string): string {
	const clean = cleanLine(text.toWellFormed());
	if (Buffer.byteLength(clean) <= MAX_BYTES) return clean;
	let short = '';
	let bytes = 0;
	for (const { segment } of new Intl.Segmenter().segment(clean)) {
		bytes += Buffer.byteLength(segment);
		if (bytes > MAX_BYTES) break;
		short += segment;
	}
	return short.trim();
}
