import type { Artist } from './artist.ts';
import type { ModelRelease } from './model-release.ts';
import { type Attempt, Possible } from './possible.ts';
import type { Sound } from './sounds.ts';

export const NO_ALBUM = '';
/** What an album is known by that is not of a release. */
export const albumNamed = (title: string): string => (title === '' ? NO_ALBUM : `named ${title}`);

/** What an artist was told about a track of theirs. */
export interface ModelTrack {
	id: number;
	artist: Artist;
	isThere: Possible<boolean>;
	title: Possible<string>;
	/** joined by commas, sorted */
	tags: Possible<string>;
	imageId: Possible<string | null>;
	/** the id of the release whose album it is in, `albumNamed`, or NO_ALBUM */
	album: Possible<string>;
	/** sha-256 of the file the artist gave */
	audio: Possible<string>;
	/** files it is known to have had: they can be restored */
	heard: Map<string, Sound>;
	/** somebody is at it */
	isBusy: boolean;
}

/** What an artist was told about a file they sent. */
export interface ModelUpload {
	id: string;
	artist: Artist;
	sound: Sound;
	title: string;
	imageId: string | null;
	/** title of the album it names */
	album: string | null;
	release: ModelRelease | null;
	/** the track that is to get it */
	replaces: ModelTrack | null;
	attempt: Attempt<string> | null;
	/**
	 * sending: not said to be accepted; accepted: it must become a track or say why not; over: it
	 * has; discarded: it must not; gone: nothing is known of it any more
	 */
	state: 'sending' | 'accepted' | 'over' | 'discarded' | 'maybe discarded' | 'gone';
	/** the track it became */
	trackId: number | null;
	/** why it did not */
	failure: string | null;
}

/** What is said of a file that is no music, or not all of it. */
const BROKEN = new Set(['unsupported_audio', 'not_audio', 'broken_audio', 'truncated', 'no_sound']);

/** Something an artist was told that turned out not to be so. */
export interface Surprise {
	kind: string;
	detail: string;
}

/** Everything the artists were told. */
export class Model {
	readonly tracks = new Map<number, ModelTrack>();
	readonly uploads = new Map<string, ModelUpload>();
	readonly releases: ModelRelease[] = [];
	readonly surprises: Surprise[] = [];
	/** how often which artist has sent which file */
	readonly #sendings = new Map<string, number>();

	surprise(kind: string, detail: string): void {
		this.surprises.push({ kind, detail });
	}

	countSending(artist: Artist, sound: Sound): void {
		const key = artist.name + sound.sha256;
		this.#sendings.set(key, (this.#sendings.get(key) ?? 0) + 1);
	}

	/** Only then can it be refused as a duplicate. */
	wasSentBefore(artist: Artist, sound: Sound): boolean {
		return (this.#sendings.get(artist.name + sound.sha256) ?? 0) > 1;
	}

	addUpload(upload: Omit<ModelUpload, 'state' | 'trackId' | 'failure'>): ModelUpload {
		const added: ModelUpload = { ...upload, state: 'sending', trackId: null, failure: null };
		this.uploads.set(upload.id, added);
		return added;
	}

	/** An upload was said to be a track. */
	complete(upload: ModelUpload, trackId: number): void {
		upload.state = 'over';
		upload.trackId = trackId;
		const { replaces, attempt, sound } = upload;
		if (replaces) {
			if (attempt) replaces.audio.done(attempt);
			replaces.heard.set(sound.sha256, sound);
			if (replaces.id !== trackId) {
				this.surprise('replaced_another_track', `upload ${upload.id}: ${trackId}`);
			}
			return;
		}
		if (this.tracks.has(trackId)) {
			this.surprise('two_uploads_one_track', `upload ${upload.id}, track ${trackId}`);
			return;
		}
		if (sound.isBroken) this.surprise('broken_file_published', `upload ${upload.id}`);
		this.tracks.set(trackId, trackOf(upload, trackId));
	}

	/** An upload was said to have failed. */
	fail(upload: ModelUpload, code: string): void {
		upload.state = 'over';
		upload.failure = code;
		const { replaces, attempt } = upload;
		if (replaces && attempt) replaces.audio.unknown(attempt);
		if (this.#mayFail(upload, code)) return;
		this.surprise('upload_refused', `upload ${upload.id} of ${upload.artist.name}: ${code}`);
	}

	/**
	 * There is no such upload any more: one that was to replace the audio of a track goes with it, one
	 * of a release with its album.
	 */
	noteGone({ id, replaces, release }: ModelUpload): void {
		const wentAlong = replaces?.isThere.has(false) || release?.tracksGo;
		if (!wentAlong) this.surprise('upload_lost', `upload ${id}`);
	}

	#mayFail({ artist, sound, replaces, release }: ModelUpload, code: string): boolean {
		if (BROKEN.has(code)) return sound.isBroken ?? false;
		if (code === 'album_deleted') return release?.tracksGo ?? false;
		if (code === 'duplicate_upload') return this.wasSentBefore(artist, sound);
		if (code === 'same_audio') return replaces !== null && this.wasSentBefore(artist, sound);
		if (code === 'track_removed' || code === 'record_deleted') {
			return replaces?.isThere.has(false) ?? false;
		}
		return false;
	}
}

function trackOf(upload: ModelUpload, id: number): ModelTrack {
	const { artist, sound, title, release } = upload;
	const track: ModelTrack = {
		id,
		artist,
		isThere: new Possible(true),
		title: new Possible(title),
		tags: new Possible(''),
		imageId: new Possible(upload.imageId ?? release?.coverAtFirst ?? null),
		album: new Possible(release?.id ?? albumNamed(upload.album ?? '')),
		audio: new Possible(sound.sha256),
		heard: new Map([[sound.sha256, sound]]),
		isBusy: false
	};
	// whether it came before or after what was done to its album meanwhile, nobody has said
	if (release && (!release.order.is(null) || !release.albumIsThere.is(true))) {
		track.album.unknown(track.album.begin(NO_ALBUM));
	}
	if (release?.tracksGo) track.isThere.unknown(track.isThere.begin(false));
	return track;
}
