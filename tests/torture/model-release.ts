import type { Artist } from './artist.ts';
import type { ModelUpload } from './model.ts';
import { Possible } from './possible.ts';

/** What an artist was told about tracks they publish together, and about the album that became of them. */
export interface ModelRelease {
	id: string;
	artist: Artist;
	/** maybe published: asked for, and nobody has answered; discarded: it must not be */
	state: 'draft' | 'maybe published' | 'published' | 'maybe discarded' | 'discarded';
	/** in the order that was chosen */
	files: ModelUpload[];
	/** cover that was given before it was published */
	coverAtFirst: string | null;
	/** null: not known yet */
	albumId: string | null;
	albumIsThere: Possible<boolean>;
	/** somebody has asked for its tracks to be deleted with the album */
	tracksGo: boolean;
	title: Possible<string>;
	coverId: Possible<string | null>;
	/** ids of its tracks as they were put in order afterwards; null: they are in the order of the files */
	order: Possible<readonly number[] | null>;
	/** somebody is at its album */
	isBusy: boolean;
}

export function newRelease(
	id: string,
	artist: Artist,
	about: { title: string; coverId: string | null }
): ModelRelease {
	return {
		id,
		artist,
		state: 'draft',
		files: [],
		coverAtFirst: about.coverId,
		albumId: null,
		albumIsThere: new Possible(true),
		tracksGo: false,
		title: new Possible(about.title),
		coverId: new Possible(about.coverId),
		order: new Possible<readonly number[] | null>(null),
		isBusy: false
	};
}

/** The ids of those of its files that are known to have become tracks, in their order. */
export const tracksOf = ({ files }: ModelRelease): number[] =>
	files.flatMap(({ trackId }) => trackId ?? []);
