import type { FileTags } from '#lib/server/db/schema.ts';
import { cutLine } from '#lib/server/media/tag-text.ts';
import type { Analysis } from '#lib/server/media/transcoder-client.ts';
import { tagsOfGenres } from '#lib/tracks/tag.ts';

/** fm.plyr.track: lengths of strings count bytes of UTF-8 */
const MAX_BYTES = 256;

/** What ffmpeg read of the tags: less than we read, of more kinds of file. */
export function tagsOf({ tags }: Pick<Analysis, 'tags'>): FileTags {
	const read = (name: string) => cutLine(tags[name] ?? '', MAX_BYTES);
	const genres = tagsOfGenres([tags['genre'] ?? '']);
	const track = /^\s*(\d{1,4})\b/.exec(tags['track'] ?? '')?.[1];
	const known: FileTags = {
		title: read('title'),
		artist: read('artist'),
		album: read('album'),
		trackNumber: Number(track) || undefined,
		genres: genres.length > 0 ? genres : undefined
	};
	return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
}

/** Cleans a text and cuts it to what a record can hold, between two characters. */
export const shorten = (text: string): string => cutLine(text, MAX_BYTES) ?? '';
