import { readStored, store } from '#lib/safe-storage.ts';
import { audioUrl, type Track } from '#lib/tracks/track.ts';

/** An album somebody wants to hear without a network: all that its page here needs. */
export interface KeptAlbum {
	/** its page */
	path: string;
	title: string;
	artistName: string;
	imageUrl: string | null;
	/** in order, as they were when it was kept */
	tracks: Track[];
	/** ms since 1970 */
	keptAt: number;
}

const STORED = 'kept_albums';

/** What this browser keeps or was about to keep, newest first. */
export function keptAlbums(): KeptAlbum[] {
	try {
		const albums: unknown = JSON.parse(readStored(STORED) ?? '[]');
		return Array.isArray(albums) ? albums.filter(isKeptAlbum) : [];
	} catch {
		return [];
	}
}

/** Writes an album down, in place of what was known of it. @returns false: the browser has no room */
export const noteKept = (album: KeptAlbum): boolean =>
	store(STORED, JSON.stringify([album, ...othersThan(album.path)]));

/** Crosses an album out. @returns the addresses nothing that stays needs */
export function crossOut(path: string): string[] {
	const gone = keptAlbums().filter((album) => album.path === path);
	const others = othersThan(path);
	store(STORED, JSON.stringify(others));
	const needed = new Set(others.flatMap(addressesOf));
	return gone.flatMap(addressesOf).filter((address) => !needed.has(address));
}

/** Everything an album is made of, each address once. */
export function addressesOf({ imageUrl, tracks }: KeptAlbum): string[] {
	const pictures = [imageUrl, ...tracks.flatMap((track) => [track.thumbnailUrl, track.imageUrl])];
	return [...new Set([...tracks.map(audioUrl), ...pictures.filter((url) => url !== null)])];
}

const othersThan = (path: string) => keptAlbums().filter((album) => album.path !== path);

/** It may have been written by an earlier version, or by hand. */
function isKeptAlbum(album: unknown): album is KeptAlbum {
	if (typeof album !== 'object' || album === null) return false;
	const { path, title, tracks } = album as Record<keyof KeptAlbum, unknown>;
	const isTrack = (track: Partial<Track> | null) => Number.isInteger(track?.id);
	const areTracks = Array.isArray(tracks) && tracks.every(isTrack);
	return typeof path === 'string' && typeof title === 'string' && areTracks;
}
