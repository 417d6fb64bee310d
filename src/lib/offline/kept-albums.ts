import { readStored } from '#lib/safe-storage.ts';
import type { Track } from '#lib/tracks/track.ts';

/** An album somebody wants to hear without a network: all that its page here needs. */
export interface KeptAlbum {
	/** its page */
	path: string;
	title: string;
	artistName: string;
	imageUrl: string | null;
	/** in order, as they were when it was kept */
	tracks: Track[];
	/** the smaller files of its tracks are kept, where there are any */
	isDataReduced?: boolean;
	/** ms since 1970 */
	keptAt: number;
}

export const STORED = 'kept_albums';

/** What this browser keeps or was about to keep, newest first. */
export function keptAlbums(): KeptAlbum[] {
	try {
		const albums: unknown = JSON.parse(readStored(STORED) ?? '[]');
		return Array.isArray(albums) ? albums.filter(isKeptAlbum) : [];
	} catch {
		return [];
	}
}

/** It may have been written by an earlier version, or by hand. */
function isKeptAlbum(album: unknown): album is KeptAlbum {
	if (typeof album !== 'object' || album === null) return false;
	const { path, title, tracks } = album as Record<keyof KeptAlbum, unknown>;
	const isTrack = (track: Partial<Track> | null) => Number.isInteger(track?.id);
	const areTracks = Array.isArray(tracks) && tracks.every(isTrack);
	return typeof path === 'string' && typeof title === 'string' && areTracks;
}
