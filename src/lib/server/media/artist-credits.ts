import type { IAudioMetadata } from 'music-metadata';

type NativeTags = IAudioMetadata['native'];

/** Kinds of tag, the most telling first (as the parser prefers them), and their fields. */
const FIELDS: readonly { tag: string; artist: string; albumArtist: string }[] = [
	{ tag: 'APEv2', artist: 'artist', albumArtist: 'album artist' },
	{ tag: 'vorbis', artist: 'artist', albumArtist: 'albumartist' },
	{ tag: 'ID3v2.4', artist: 'tpe1', albumArtist: 'tpe2' },
	{ tag: 'ID3v2.3', artist: 'tpe1', albumArtist: 'tpe2' },
	{ tag: 'ID3v2.2', artist: 'tp1', albumArtist: 'tp2' },
	{ tag: 'exif', artist: 'iart', albumArtist: '' },
	{ tag: 'iTunes', artist: '©art', albumArtist: 'aart' },
	{ tag: 'AIFF', artist: 'auth', albumArtist: '' },
	{ tag: 'ID3v1', artist: 'artist', albumArtist: '' }
];

/** The parser cuts these at every slash, as the format says; names have slashes, too. */
const CUT_AT_SLASHES = new Set(['ID3v2.3', 'ID3v2.2']);
/** Kinds of tag with one field for several names, and how programs write them there. */
const LISTS: Record<string, RegExp> = {
	'ID3v2.3': /\s+\/\s+|\s*;\s+/,
	'ID3v2.2': /\s+\/\s+|\s*;\s+/,
	exif: /\s*;\s+/
};
const MAX_VALUES = 50;

/** What the parser found. */
export interface ParsedTags extends Pick<IAudioMetadata, 'common' | 'native' | 'quality'> {
	/** names as they were written, by field, see id3-names.ts */
	written: ReadonlyMap<string, string>;
}

interface Credits {
	/** as it is shown */
	artist?: string;
	/** every name by itself */
	artists: string[];
	albumArtist?: string;
}

/**
 * Who made it. Several values of one field are several artists; within one value only a list by
 * the rules of its format is taken apart: "AC/DC", "Simon & Garfunkel" and "Tyler, the Creator"
 * stay whole.
 */
export function creditsOf(parsed: ParsedTags): Credits {
	const { common, native } = parsed;
	const artist = valuesOf(parsed, 'artist');
	const albumArtist = valuesOf(parsed, 'albumArtist');
	const names = artist.values.flatMap((value) => splitList(value, artist.tag));
	// programs that know every name write a list of its own beside the text
	const listed = artist.tag === undefined ? [] : namesBeside(native[artist.tag] ?? []);
	return {
		artist: artist.values.length > 0 ? join(artist.values) : common.artist,
		artists: listed.length > 0 ? listed : names,
		albumArtist: albumArtist.values.length > 0 ? join(albumArtist.values) : common.albumartist
	};
}

function valuesOf(
	parsed: ParsedTags,
	field: 'artist' | 'albumArtist'
): { tag?: string; values: string[] } {
	for (const { tag, [field]: name } of FIELDS) {
		const values = textsOf(parsed.native[tag] ?? [], name);
		if (values.length === 0) continue;
		return { tag, values: CUT_AT_SLASHES.has(tag) ? uncut(parsed, name, values) : values };
	}
	return { values: [] };
}

function uncut({ written, quality }: ParsedTags, name: string, values: string[]): string[] {
	const whole = written.get(name);
	if (whole !== undefined) return whole.split('\0').filter((value) => value.trim() !== '');
	// it says so when it was not a slash that separated them
	const warning = `${name.toUpperCase()} uses non standard null-separator`;
	const isNul = quality.warnings.slice(0, 100).some(({ message }) => message.includes(warning));
	return isNul ? values : [values.join('/')];
}

const namesBeside = (tags: NativeTags[string]) => [
	...textsOf(tags, 'artists'),
	...textsOf(tags, 'txxx:artists'),
	...textsOf(tags, '----:com.apple.itunes:artists')
];

function textsOf(tags: NativeTags[string], name: string): string[] {
	const texts: string[] = [];
	for (const { id, value } of tags) {
		if (texts.length >= MAX_VALUES) break;
		if (id.toLowerCase() !== name || typeof value !== 'string') continue;
		if (value.replaceAll('\0', '').trim() !== '') texts.push(value);
	}
	return texts;
}

function splitList(value: string, tag: string | undefined): string[] {
	const separator = tag === undefined ? undefined : LISTS[tag];
	return separator ? value.slice(0, 4_000).split(separator) : [value];
}

/** "alice", "alice & bob", "alice, bob & carol" */
function join(names: readonly string[]): string {
	const trimmed = names.map((name) => name.replaceAll('\0', '').trim());
	const last = trimmed.at(-1) ?? '';
	return trimmed.length > 1 ? `${trimmed.slice(0, -1).join(', ')} & ${last}` : last;
}
