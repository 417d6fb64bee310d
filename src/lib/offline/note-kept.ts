import { store } from '#lib/safe-storage.ts';
import { audioUrl, inLess, type Track } from '#lib/tracks/track.ts';
import { type KeptAlbum, keptAlbums, STORED } from './kept-albums.ts';

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

/** Its pictures, each address once. */
export function picturesOf({ imageUrl, tracks }: KeptAlbum): string[] {
	const pictures = [imageUrl, ...tracks.flatMap((track) => [track.thumbnailUrl, track.imageUrl])];
	return [...new Set(pictures.filter((url) => url !== null))];
}

/** Every address of a track's sound; any of them will do. */
export const soundsOf = (track: Track): string[] => [
	...new Set([audioUrl(track), audioUrl(inLess(track))])
];

/** Everything an album is made of, each address once. */
const addressesOf = (album: KeptAlbum): string[] => [
	...new Set([...album.tracks.flatMap(soundsOf), ...picturesOf(album)])
];

const othersThan = (path: string) => keptAlbums().filter((album) => album.path !== path);
