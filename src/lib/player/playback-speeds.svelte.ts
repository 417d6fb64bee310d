import { readStored, store } from '#lib/safe-storage.ts';
import type { Track } from '#lib/tracks/track.ts';

const NAME = 'playback_speeds';
/** Browsers keep the pitch of speech well between these. */
const SLOWEST = 0.5;
const FASTEST = 2;
/** More artists than these are not remembered: who was set first is forgotten. */
const MOST_ARTISTS = 200;

type Artist = Pick<Track['artist'], 'did'>;
/** of an artist's did */
type Speed = readonly [did: string, speed: number];

/**
 * How fast the pieces of an artist are played in this browser: whoever listens to a talk faster wants
 * the next one as fast, and the music between them as it is.
 */
export class PlaybackSpeeds {
	#ofArtists = $state.raw<readonly Speed[]>([]);

	/** Reads what this browser remembers; call once it is one. */
	restore(): void {
		this.#ofArtists = rememberedSpeeds();
	}

	/** 1 is as it was recorded. */
	of(artist: Artist | undefined): number {
		return this.#ofArtists.find(([did]) => did === artist?.did)?.[1] ?? 1;
	}

	/** Keeps it between half and double; remembered for the next visit. */
	set({ did }: Artist, speed: number): void {
		const others = this.#ofArtists.filter(([artist]) => artist !== did);
		const own: Speed[] = speed === 1 ? [] : [[did, clampSpeed(speed)]];
		this.#ofArtists = [...others, ...own].slice(-MOST_ARTISTS);
		store(NAME, JSON.stringify(this.#ofArtists));
	}
}

const clampSpeed = (speed: number) => Math.min(FASTEST, Math.max(SLOWEST, speed));

function rememberedSpeeds(): Speed[] {
	try {
		const kept: unknown = JSON.parse(readStored(NAME) ?? '[]');
		return Array.isArray(kept) ? kept.filter(isSpeed) : [];
	} catch {
		return [];
	}
}

const isSpeed = (kept: unknown): kept is Speed =>
	Array.isArray(kept) &&
	typeof kept[0] === 'string' &&
	typeof kept[1] === 'number' &&
	kept[1] === clampSpeed(kept[1]);
