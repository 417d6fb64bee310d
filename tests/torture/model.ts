import type { Artist } from './artist.ts';
import { type Attempt, Possible } from './possible.ts';
import type { Sound } from './sounds.ts';

/** What an artist was told about a track of theirs. */
export interface ModelTrack {
	id: number;
	artist: Artist;
	isThere: Possible<boolean>;
	title: Possible<string>;
	/** joined by commas, sorted */
	tags: Possible<string>;
	imageId: Possible<string | null>;
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

/** Something an artist was told that turned out not to be so. */
export interface Surprise {
	kind: string;
	detail: string;
}

/** Everything the artists were told. */
export class Model {
	readonly tracks = new Map<number, ModelTrack>();
	readonly uploads = new Map<string, ModelUpload>();
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
		const { replaces, attempt, sound, artist } = upload;
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
		this.tracks.set(trackId, {
			id: trackId,
			artist,
			isThere: new Possible(true),
			title: new Possible(upload.title),
			tags: new Possible(''),
			imageId: new Possible(upload.imageId),
			audio: new Possible(sound.sha256),
			heard: new Map([[sound.sha256, sound]]),
			isBusy: false
		});
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

	/** There is no such upload any more: one that was to replace the audio of a track goes with it. */
	noteGone({ id, replaces }: ModelUpload): void {
		if (!replaces?.isThere.has(false)) this.surprise('upload_lost', `upload ${id}`);
	}

	#mayFail({ artist, sound, replaces }: ModelUpload, code: string): boolean {
		if (code === 'duplicate_upload') return this.wasSentBefore(artist, sound);
		if (code === 'same_audio') return replaces !== null && this.wasSentBefore(artist, sound);
		if (code === 'track_removed' || code === 'record_deleted') {
			return replaces?.isThere.has(false) ?? false;
		}
		return false;
	}
}
