import type { albumPath } from '#lib/albums/album.ts';
import type { TrackField } from '#lib/tracks/track-values.ts';

/** What can be wrong with a track, an album, or a record that is not listed. */
export type ProblemKind =
	/** the record is not in the repository */
	| 'record_missing'
	/** record and index say different things */
	| 'record_differs'
	/** the record does not fit its lexicon */
	| 'record_unreadable'
	/** the record and its audio are here, and no row */
	| 'not_listed'
	/** what is streamed is not in the storage, or of another size */
	| 'audio_missing'
	/** the same of what the artist uploaded, while listeners hear everything */
	| 'original_missing'
	/** the same of an earlier version */
	| 'earlier_missing'
	| 'artwork_missing'
	/** the same of an album and its list */
	| 'album_record_missing'
	| 'album_differs'
	| 'album_not_listed'
	/** an album's list names a track of the artist's that is gone */
	| 'album_lists_gone'
	/** as `artwork_missing`, of an album */
	| 'cover_missing';

/** A field of a track that its record and the index say differently, as a person reads it. */
export interface FieldDifference {
	field: TrackField | 'audio' | 'createdAt';
	record: string;
	index: string;
}

/** What is known about a problem; which of it depends on the kind. */
export interface ProblemDetail {
	/** of a record that has no row */
	title?: string;
	differences?: FieldDifference[];
	/** why the index cannot take the record's version; absent: it can */
	cannotTake?: 'other_audio' | 'same_audio';
	/** what is wrong with a record that cannot be read */
	reason?: string;
	/**
	 * where missing bytes come from: `remake`: what was uploaded is here; `copy`: the same music is here
	 * in another file; `send`: from the artist only
	 */
	remedy?: 'remake' | 'copy' | 'send';
	/** some sizes of the artwork or the cover are left */
	someLeft?: boolean;
	/** how many tracks of a list are gone */
	gone?: number;
}

/** Something that needs attention. */
export interface Problem {
	id: number;
	kind: ProblemKind;
	detail: ProblemDetail;
	/** `wanted`: it is being repaired; `failed`: `error` says why it could not be */
	repair: 'wanted' | 'failed' | null;
	error: string | null;
	foundAt: string;
}

/** A track, an album or a record with everything that needs attention about it. */
export interface Subject {
	/** address of the record; of an album without one, something else that stays the same */
	uri: string;
	title: string;
	/** null: not listed, or an album */
	trackId: number | null;
	/** of an album's page; null: not listed, or a track */
	albumPath: ReturnType<typeof albumPath> | null;
	problems: Problem[];
}

/** What needs attention in a catalogue. */
export interface Attention {
	/** the first of them */
	subjects: Subject[];
	/** of all */
	count: number;
	/** what "repair all" would do something about */
	repairable: number;
	/** it writes over something */
	mustConfirm: boolean;
}

/** A record in the repository that is no track here, and is left as it is. */
export interface LeftAlone {
	uri: string;
	/** null: it cannot be read */
	title: string | null;
	why:
		/** its audio is somewhere else */
		| 'other_audio'
		/** another track of the artist's is of the same file */
		| 'same_audio'
		/** it was deleted here, and the record is from before that */
		| 'deleted_here'
		| 'unreadable';
}

/** What a check compared, and what came of it. */
export interface CatalogueReport {
	startedAt: string;
	endedAt: string;
	/** track records in the repository */
	records: number;
	/** tracks of the index */
	tracks: number;
	/** album records in the repository */
	albums: number;
	/** objects of the storage that were asked for */
	objects: number;
	problems: number;
	/** versions other programs wrote that say the same to us, and were noted by the way */
	caughtUp: number;
	/** the first of them; `leftAloneCount` counts all */
	leftAlone: LeftAlone[];
	leftAloneCount: number;
}

/** How it stands with an artist's catalogue. */
export interface CatalogueState {
	/** `waiting`: a check is asked for and has not begun */
	check: 'never' | 'waiting' | 'running' | 'done';
	/** how far the running one is */
	progress: { records: number; tracks: number; objects: number } | null;
	/** why it takes longer, in a sentence */
	trouble: string | null;
	/** of the last one that ended */
	report: CatalogueReport | null;
	/** repairs that are asked for and not done */
	repairsLeft: number;
	/** repairs wait for a sign-in */
	needsSignIn: boolean;
}
