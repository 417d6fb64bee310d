import { AUDIO_IN_WORDS, looksLikeAudio, looksLikePicture } from './accepted-audio.ts';
import type { Found, FoundFile } from './dropped-files.ts';
import { refuse } from './refuse-file.ts';

export interface ChosenFiles {
	audio: FoundFile[];
	/** the picture for the whole release */
	cover: File | null;
	/** what was left out, and why */
	leftOut: LeftOut[];
}

export interface LeftOut {
	name: string;
	why: string;
}

/** Names a cover has everywhere, the surest first. */
const COVER_NAMES = ['cover', 'front', 'folder'];

/** Decides what becomes of what was dropped: recordings, the cover, and what is left out and why. */
export function chooseFiles(found: Found, maxBytes: number): ChosenFiles {
	const recordings = found.files.filter(({ file }) => looksLikeAudio(file));
	const pictures = found.files.filter(({ file }) => looksLikePicture(file));
	const others = found.files.filter(({ file }) => !looksLikeAudio(file) && !looksLikePicture(file));
	const cover = coverAmong(pictures);
	const leftOut: LeftOut[] = [
		...recordings.flatMap(({ file }) => refuse(file, maxBytes)),
		...others.map(({ file }) => ({
			name: file.name,
			why: `is not audio. supported: ${AUDIO_IN_WORDS}`
		})),
		...pictures
			.filter((picture) => picture !== cover)
			.map(({ file }) => ({
				name: file.name,
				why: cover
					? `is not used: ${cover.file.name} is the cover`
					: 'is one of several pictures. choose the cover in the next step'
			})),
		...found.unreadable.map((path) => ({ name: path, why: 'could not be read' }))
	];
	if (found.isCut) {
		leftOut.push({ name: 'the rest', why: 'was not looked at: that is too much for one release' });
	}
	return {
		audio: recordings.filter(({ file }) => refuse(file, maxBytes).length === 0),
		cover: cover?.file ?? null,
		leftOut
	};
}

/** The picture named like a cover that lies nearest to the top, else the only one there is. */
function coverAmong(pictures: FoundFile[]): FoundFile | undefined {
	const rank = ({ file }: FoundFile) => {
		const bare = file.name.replace(/\.[^.]+$/, '').toLowerCase();
		return COVER_NAMES.indexOf(bare);
	};
	const depth = ({ path }: FoundFile) => path.split('/').length;
	const named = pictures
		.filter((picture) => rank(picture) >= 0)
		.sort((a, b) => depth(a) - depth(b) || rank(a) - rank(b));
	return named[0] ?? (pictures.length === 1 ? pictures[0] : undefined);
}
