/** What the name of a file says about the music in it. */
export interface FileNameFacts {
	/** '' when the name is nothing but its extension */
	title: string;
	artist?: string;
	album?: string;
	trackNumber?: number;
	discNumber?: number;
	year?: number;
}

const EXTENSION = /\.(?:[a-z][a-z0-9]{1,4}|mp[234]|3gp)$/i;
const MAX_LETTERS = 200;

/**
 * Guesses from a file's name, or its path in a folder: "Artist - Album (2019)/CD 2/03 - slow_tide.flac"
 * is track 3 "slow tide" of disc 2 of "Album" by "Artist", from 2019. What could as well be a part of the title
 * stays there: "2020 vision.mp3", "99.wav", "7 rings.mp3".
 */
export function factsOfFileName(path: string): FileNameFacts {
	const folders = path.split(/[/\\]/);
	const name = (folders.pop() ?? '').slice(-1_000).replace(EXTENSION, '');
	return { ...factsOfFolders(folders), ...factsOfName(spaced(name)) };
}

const spaced = (name: string) => name.replace(/[_\s]+/g, ' ').trim();

/** A number in front: "03 - ", "03. ", "3-"; without a sign behind it, one of two or three digits. */
const NUMBERED =
	/^(?:(\d{1,3})\s*[-–—.)\]](?:\s+(?=\S)|(?=[^\d\s]))|(\d{2,3})\s+(?=[^\s\-–—.)\]]))/u;
/** The disc before it: "1-03 ", "1.03 - ", "2x07 "; the number of the track has two digits. */
const DISC_AND_TRACK =
	/^(\d{1,2})\s*(?:[-x](\d{2})(?:\s*[-–—.)]\s*|\s+)|\.(\d{2})\s*[-–—.)]\s*)(?=\S)/iu;
/** "Artist - 03 - Title" */
const ARTIST_AND_TRACK = /^(\S.*?) [-–—] (\d{1,3}) [-–—.] (\S.*)$/u;

function factsOfName(name: string): FileNameFacts {
	const disc = DISC_AND_TRACK.exec(name);
	if (disc) {
		return {
			title: short(name.slice(disc[0].length)),
			discNumber: Number(disc[1]),
			trackNumber: Number(disc[2] ?? disc[3])
		};
	}
	const artist = ARTIST_AND_TRACK.exec(name);
	if (artist) {
		return {
			title: short(artist[3] ?? ''),
			artist: short(artist[1] ?? ''),
			trackNumber: Number(artist[2])
		};
	}
	const numbered = NUMBERED.exec(name);
	const trackNumber = Number(numbered?.[1] ?? numbered?.[2] ?? 0);
	if (!numbered || trackNumber === 0) return { title: short(name) };
	return { title: short(name.slice(numbered[0].length)), trackNumber };
}

const short = (text: string) => text.trim().slice(0, MAX_LETTERS).toWellFormed().trim();

const DISC_FOLDER = /^(?:cd|dis[ck]|vinyl|lp)\s*[-.#]?\s*(\d{1,2})\b/i;
/** "Album (2019)", "Album [2019]" */
const YEAR_BEHIND = /^(.*\S)\s*[([]((?:19|20)\d\d)[)\]]$/;
/** "2019 - Album", "(2019) Album" */
const YEAR_BEFORE = /^(?:((?:19|20)\d\d) [-–—] |[([]((?:19|20)\d\d)[)\]]\s*)(\S.*)$/u;

/** "Artist - Album", "Artist - 2019 - Album" */
const ARTIST_BEFORE = /^(\S.*?) [-–—] (\S.*)$/u;
/** Folders that tell how the files in them are made, and not what is on them. */
const FORMAT_FOLDER = /^(?:aac|aiff?|alac|flac|m4a|mp3|ogg|opus|wave?)s?$/i;
/** Folders everybody has: where music lies, or what a computer calls a new one. */
const ANY_FOLDER = new RegExp(
	`^(?:${[
		'(?:my )?(?:music|songs|tracks|audio|albums|recordings?|uploads?|files|media|stuff)',
		'downloads?|desktop|documents|dropbox|google drive|icloud drive|itunes|temp|tmp|home|usb',
		'(?:new|untitled|unnamed) (?:folder|directory|album)|unknown album|folder|various',
		'(?:final |my )?(?:masters?|mastered|mixes|mixdowns?|bounces?|exports?|rendered|renders?|stems)',
		'final|cds?|dis[ck]s?|vinyl|lp|ep|singles?',
		'musik|musique|m[uú]sica|neuer ordner|nouveau dossier|nueva carpeta'
	].join('|')})(?: ?\\(?\\d{1,3}\\)?)?$`,
	'iu'
);

/** The folder a file is in is its album, unless it is one disc of it, or a folder everybody has. */
function factsOfFolders(folders: readonly string[]): Omit<FileNameFacts, 'title'> {
	const names = folders
		.map(spaced)
		.filter((name) => name !== '' && !/^\.+$/.test(name) && !FORMAT_FOLDER.test(name));
	const disc = DISC_FOLDER.exec(names.at(-1) ?? '');
	const album = names.at(disc ? -2 : -1);
	const facts = album === undefined || ANY_FOLDER.test(album) ? {} : albumOf(album);
	return disc ? { ...facts, discNumber: Number(disc[1]) } : facts;
}

function albumOf(folder: string): { artist?: string; album: string; year?: number } {
	const behind = YEAR_BEHIND.exec(folder);
	if (behind) return { ...byArtist(behind[1] ?? ''), year: Number(behind[2]) };
	const before = YEAR_BEFORE.exec(folder);
	if (before) return { album: short(before[3] ?? ''), year: Number(before[1] ?? before[2]) };
	const { artist, album } = byArtist(folder);
	if (artist === undefined) return { album };
	// "Artist - 2019 - Album"
	const within = YEAR_BEFORE.exec(album);
	if (!within) return { artist, album };
	return { artist, album: short(within[3] ?? ''), year: Number(within[1] ?? within[2]) };
}

function byArtist(name: string): { artist?: string; album: string } {
	const parts = ARTIST_BEFORE.exec(name);
	if (!parts) return { album: short(name) };
	return { artist: short(parts[1] ?? ''), album: short(parts[2] ?? '') };
}
