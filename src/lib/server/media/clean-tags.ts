import type { ICommonTagsResult } from 'music-metadata';
import type { FileTags } from '#lib/server/db/schema.ts';
import { tagsOfGenres } from '#lib/tracks/tag.ts';
import { creditsOf, type ParsedTags } from './artist-credits.ts';
import { lineOf, linesOf, mendMojibake } from './tag-text.ts';

/** fm.plyr.track: lengths of strings count bytes of UTF-8 */
const MAX_LINE_BYTES = 256;
const MAX_COMMENT_BYTES = 5_000;
const MAX_LYRICS_BYTES = 50_000;
const MAX_GENRES = 50;

/**
 * What a file says about itself, fit to be kept and shown; what does not fit is left out.
 * @param isOldText its tags may have one byte per letter, and so may UTF-8 written into them
 */
export function cleanTags(parsed: ParsedTags, isOldText: boolean): FileTags {
	const { common } = parsed;
	const mend = isOldText ? mendMojibake : (text: string) => text;
	const line = (text: unknown) =>
		typeof text === 'string' ? lineOf(mend(text), MAX_LINE_BYTES) : undefined;
	const credits = creditsOf(parsed);
	const artists = credits.artists.flatMap((name) => line(name) ?? []).slice(0, 20);
	const genres = (common.genre ?? []).slice(0, MAX_GENRES).flatMap((genre) => line(genre) ?? []);
	const tags: FileTags = {
		title: line(common.title),
		artist: line(credits.artist),
		artists: artists.length > 0 ? [...new Set(artists)] : undefined,
		albumArtist: line(credits.albumArtist),
		album: line(common.album),
		trackNumber: ordinal(common.track.no),
		discNumber: ordinal(common.disk.no),
		year: yearOf([common.year, common.date, common.releasedate, common.originaldate]),
		genres: nonEmpty(tagsOfGenres(genres.filter(isWord))),
		isrc: isrcOf(common.isrc),
		lyrics: lyricsOf(common.lyrics, mend),
		comment: commentOf(parsed, mend)
	};
	return Object.fromEntries(Object.entries(tags).filter(([, value]) => value !== undefined));
}

const nonEmpty = <T>(list: T[]) => (list.length > 0 ? list : undefined);

/** A number that stands for no genre of the list says nothing. */
const isWord = (genre: string) => !/^\(?\d+\)?$/.test(genre);

const ordinal = (value: unknown) =>
	typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 10_000
		? value
		: undefined;

/** Of "2019", 2019, "2019-05-01T00:00" or "1 May 2019". */
function yearOf(sources: readonly unknown[]): number | undefined {
	for (const source of sources) {
		const text = typeof source === 'string' || typeof source === 'number' ? String(source) : '';
		const year = /(?<!\d)(?:1[0-9]|20|21)\d\d(?!\d)/.exec(text.slice(0, 64))?.[0];
		if (year !== undefined) return Number(year);
	}
	return undefined;
}

/** ISO 3901: two letters, three letters or digits, seven digits; often written with hyphens. */
function isrcOf(codes: readonly unknown[] = []): string | undefined {
	for (const code of codes.slice(0, 20)) {
		if (typeof code !== 'string') continue;
		const bare = code
			.slice(0, 100)
			.toUpperCase()
			.replace(/^\s*ISRC/, '')
			.replace(/[^A-Z0-9]/g, '');
		if (/^[A-Z]{2}[A-Z0-9]{3}\d{7}$/.test(bare)) return bare;
	}
	return undefined;
}

type Mend = (text: string) => string;

function lyricsOf(lyrics: ICommonTagsResult['lyrics'], mend: Mend): string | undefined {
	for (const { text, syncText } of lyrics ?? []) {
		const plain =
			text ||
			syncText
				.slice(0, 5_000)
				.map((one) => one.text)
				.join('\n');
		const kept = linesOf(mend(plain.slice(0, MAX_LYRICS_BYTES * 4)), MAX_LYRICS_BYTES);
		if (kept) return kept;
	}
	return undefined;
}

/** The first that was written for people: programs keep numbers of their own in comments. */
function commentOf({ common, native }: ParsedTags, mend: Mend): string | undefined {
	// where ffmpeg puts it
	const others = Object.values(native).flatMap((tags) =>
		tags.filter(({ id, value }) => id === 'TXXX:comment' && typeof value === 'string')
	);
	const texts = others.map(({ value }) => ({ text: String(value), descriptor: undefined }));
	for (const { descriptor, text } of [...(common.comment ?? []), ...texts]) {
		if (descriptor?.startsWith('iTun') || !text) continue;
		const kept = linesOf(mend(text.slice(0, MAX_COMMENT_BYTES * 4)), MAX_COMMENT_BYTES);
		if (kept) return kept;
	}
	return undefined;
}
