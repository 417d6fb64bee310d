import { createHash } from 'node:crypto';
import { type Album, trackCount } from '#lib/albums/album.ts';
import { trackLength } from '#lib/format.ts';
import type { Track } from '#lib/tracks/track.ts';
import type { DescribedArtist } from './describe-artist.ts';
import type { PageImage } from './page-description.ts';

export const CARD_WIDTH_PX = 1200;
export const CARD_HEIGHT_PX = 630;
export const CARD_TYPE = 'image/jpeg';

/** Counted up when cards are drawn otherwise. */
const DESIGN = 1;

/** The picture of a page that others show beside a link to it: what is drawn, and nothing else. */
export interface Card {
	kind: 'track' | 'album' | 'artist';
	/** from the root on, without the version */
	path: string;
	title: string;
	byline: string;
	facts: string;
	/** images.image_id; null: a placeholder is drawn */
	imageId: string | null;
	/** its artist calls it explicit: the picture is blurred */
	isBlurred?: true;
	/** whose peaks are drawn; null: no waveform */
	fileId: string | null;
}

/** The card of a track. */
export const cardOfTrack = (track: Track): Card => ({
	kind: 'track',
	path: `/og/track/${track.id}.jpg`,
	title: track.title,
	byline: track.artist.displayName,
	facts: track.album?.title ?? '',
	imageId: imageIdIn(track.imageUrl ?? track.artist.avatarUrl),
	...(track.isExplicit && track.imageUrl !== null ? { isBlurred: true } : {}),
	fileId: track.fileId
});

/** The card of an album; the waveform is that of its first track. */
export const cardOfAlbum = (album: Album, tracks: readonly Track[]): Card => ({
	kind: 'album',
	path: `/og/album/${album.id}.jpg`,
	title: album.title,
	byline: album.artist.displayName,
	facts: [
		...(album.year === null ? [] : [String(album.year)]),
		trackCount(album.trackCount),
		...(album.durationMs > 0 ? [trackLength(album.durationMs)] : [])
	].join(' • '),
	imageId: imageIdIn(album.imageUrl ?? album.artist.avatarUrl),
	fileId: tracks[0]?.fileId ?? null
});

/** The card of an artist. */
export const cardOfArtist = (
	artist: Pick<DescribedArtist, 'did' | 'handle' | 'displayName' | 'avatarUrl'>
): Card => ({
	kind: 'artist',
	path: `/og/artist/${artist.did}.jpg`,
	title: artist.displayName,
	byline: `@${artist.handle}`,
	facts: '',
	imageId: imageIdIn(artist.avatarUrl),
	fileId: null
});

const imageIdIn = (url: string | null) => /\/images\/([0-9a-f]{16})/.exec(url ?? '')?.[1] ?? null;

/** 64 hex digits that name what is drawn. */
export function cardHash({ path: _, ...drawn }: Card): string {
	return createHash('sha256')
		.update(JSON.stringify([DESIGN, drawn]))
		.digest('hex');
}

/** What stands in a card's address, so that another one has another address. */
export const cardVersion = (card: Card): string => cardHash(card).slice(0, 12);

/** The card as the picture of its page. */
export const cardImage = (card: Card): PageImage => ({
	path: `${card.path}?v=${cardVersion(card)}`,
	type: CARD_TYPE,
	width: CARD_WIDTH_PX,
	height: CARD_HEIGHT_PX,
	alt: card.kind === 'artist' ? card.title : `${card.title} by ${card.byline}`
});
