import { type Album, albumPath, trackCount } from '#lib/albums/album.ts';
import { artistPath } from '#lib/artists/artist-path.ts';
import { audioUrl, type Track } from '#lib/tracks/track.ts';

/** As many tracks a player within another page lists; the rest is on the page itself. */
export const MAX_EMBEDDED_TRACKS = 20;

/** What a player within another page shows. Addresses begin at the root. */
export interface EmbedContent {
	kind: 'track' | 'album' | 'artist';
	title: string;
	/** its own page */
	path: string;
	byline: { name: string; path: string };
	/** beside the name of an album or artist */
	facts: string | null;
	imageUrl: string | null;
	/** its artist calls it explicit: the picture is blurred */
	isExplicit: boolean;
	/** #rrggbb */
	color: string | null;
	tracks: EmbedTrack[];
	/** more than are listed */
	hasMore: boolean;
	/** of the only track; null: nobody knows them */
	peaks: Uint8Array | null;
}

export interface EmbedTrack {
	id: number;
	title: string;
	path: string;
	audioPath: string;
	/** null when nothing could measure it */
	durationMs: number | null;
}

/** One track, with its waveform. */
export const embedOfTrack = (track: Track, peaks: Uint8Array | null): EmbedContent => ({
	kind: 'track',
	title: track.title,
	path: `/track/${track.id}`,
	byline: bylineOf(track.artist),
	facts: null,
	imageUrl: track.thumbnailUrl ?? track.artist.avatarUrl,
	isExplicit: track.isExplicit,
	color: track.imageColor,
	tracks: [embedTrack(track)],
	hasMore: false,
	peaks
});

/** An album, its first tracks in order. */
export const embedOfAlbum = (album: Album, tracks: readonly Track[]): EmbedContent => ({
	kind: 'album',
	title: album.title,
	path: albumPath(album),
	byline: bylineOf(album.artist),
	facts: trackCount(album.trackCount),
	imageUrl: album.thumbnailUrl ?? album.artist.avatarUrl,
	isExplicit: false,
	color: album.imageColor,
	...listed(tracks, tracks.length > MAX_EMBEDDED_TRACKS)
});

/** An artist, their newest tracks. */
export const embedOfArtist = (
	artist: { did: string; handle: string; display_name: string; avatar_url: string | null },
	{ tracks, nextCursor }: { tracks: readonly Track[]; nextCursor: string | null }
): EmbedContent => ({
	kind: 'artist',
	title: artist.display_name,
	path: artistPath(artist),
	byline: { name: `@${artist.handle}`, path: artistPath(artist) },
	facts: null,
	imageUrl: artist.avatar_url && `${new URL(artist.avatar_url).pathname}?size=320`,
	isExplicit: false,
	color: null,
	...listed(tracks, nextCursor !== null)
});

const listed = (tracks: readonly Track[], hasMore: boolean) => ({
	tracks: tracks.slice(0, MAX_EMBEDDED_TRACKS).map(embedTrack),
	hasMore,
	peaks: null
});

const bylineOf = (artist: Track['artist']) => ({
	name: artist.displayName,
	path: artistPath(artist)
});

const embedTrack = (track: Track): EmbedTrack => ({
	id: track.id,
	title: track.title,
	path: `/track/${track.id}`,
	audioPath: audioUrl(track),
	durationMs: track.durationMs
});
