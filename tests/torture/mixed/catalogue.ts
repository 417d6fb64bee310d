import type { Random } from '../../../dev/music/random.ts';
import type { Sound } from '../sounds.ts';

/** As much of a track as somebody needs to come across it. */
export interface ListedTrack {
	id: number;
	/** of its title */
	word: string;
	handle: string;
	/** the last part of the address of the album it is in */
	album: string | null;
}

/** What has been published so far, and what was sent to become that. */
export class Catalogue {
	readonly #tracks: ListedTrack[] = [];
	readonly #sounds: Sound[] = [];

	add(track: ListedTrack): void {
		this.#tracks.push(track);
	}

	sent(sound: Sound): void {
		this.#sounds.push(sound);
	}

	get size(): number {
		return this.#tracks.length;
	}

	any(random: Random): ListedTrack {
		return random.pick(this.#tracks);
	}

	/** The file of that id, when it is heard as it was sent. */
	bytesOf(fileId: string): Buffer | undefined {
		return this.#sounds.find(({ sha256 }) => sha256.startsWith(fileId))?.bytes;
	}
}
