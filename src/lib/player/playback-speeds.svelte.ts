import { readStored, store } from '#lib/safe-storage.ts';
import type { Track } from '#lib/tracks/track.ts';

const NAME = 'playback_speeds';
/** Browsers keep the pitch of speech well between these. */
const SLOWEST = 0.5;
const FASTEST = 2;
/** More artists than these are not remembered: who was set first is forgotten. */
const MOST_ARTISTS = 200;

type Artist = Pick<Track['artist'], 'did'>;

/**
 * How fast the pieces of an artist are played in this browser: whoever listens to a talk faster wants
 * the next one as fast, and the music between them as it is.
 */
export class PlaybackSpeeds {
	#ofArtists = $state.raw<ReadonlyMap<string, number>>(new Map());

	/** Reads what this browser remembers; call once it is one. */
	restore(): void {
		this.#ofArtists = rememberedSpeeds();
	}

	/** 1 is as it was recorded. */
	of(artist: Artist | undefined): number {
		return (artist && this.#ofArtists.get(artist.did)) ?? 1;
	}

	/** Keeps it between half and double; remembered for the next visit. */
	set({ did }: Artist, speed: number): void {
		const others = [...this.#ofArtists].filter(([artist]) => artist !== did);
		const own: [string, number][] = speed === 1 ? [] : [[did, clampSpeed(speed)]];
		const all = [...others, ...own].slice(-MOST_ARTISTS);
		this.#ofArtists = new Map(all);
		store(NAME, JSON.stringify(all));
	}
}

const clampSpeed = (speed: number) => Math.min(FASTEST, Math.max(SLOWEST, speed));

function rememberedSpeeds(): Map<string, number> {
	try {
		const kept: unknown = JSON.parse(readStored(NAME) ?? '[]');
		return new Map((Array.isArray(kept) ? kept : []).filter(isSpeed));
	} catch {
		return new Map();
	}
}

const isSpeed = (kept: unknown): kept is [string, number] =>
	Array.isArray(kept) &&
	typeof kept[0] === 'string' &&
	typeof kept[1] === 'number' &&
	kept[1] === clampSpeed(kept[1]);
