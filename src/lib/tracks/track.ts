import { networkProfileUrl } from '#lib/artists/network-profile-url.ts';

/** How loud a recording is, or all of an album's together. */
export interface Loudness {
	/** integrated, as EBU R128 measures it */
	lufs: number;
	/** the highest, also between samples */
	truePeakDbtp: number;
}

/** A track as every list, page and player shows it. Nothing in it needs a remote call. */
export interface Track {
	id: number;
	title: string;
	artist: { did: string; handle: string; displayName: string; avatarUrl: string | null };
	album: { id: string; slug: string; title: string; loudness: Loudness | null } | null;
	features: { did: string; handle: string | null; displayName: string | null }[];
	/** what is streamed: `/audio/{fileId}` */
	fileId: string;
	/** extension without the dot */
	fileType: string;
	contentType: string;
	/** of what is streamed, as ffmpeg calls it: `mp3`, `pcm_f32le`; null: nobody looked */
	codec: string | null;
	/** the same music as a smaller file, an mp3; null: there is none */
	smallerFileId: string | null;
	/** null when nothing could measure it */
	durationMs: number | null;
	/** of what is streamed; null when nothing could measure it */
	loudness: Loudness | null;
	/** same-origin or cdn addresses of the artwork; null: none was given */
	imageUrl: string | null;
	/** of what `imageUrl` answers, a square */
	imageEdgePx: number | null;
	thumbnailUrl: string | null;
	/** shown while the artwork loads: a tiny blurred version of it as a data address, and #rrggbb */
	imagePlaceholder: string | null;
	imageColor: string | null;
	/** normalised */
	tags: string[];
	/** the artist's own warning */
	isExplicit: boolean;
	/** in no list but its artist's own */
	isUnlisted: boolean;
	playCount: number;
	likeCount: number;
	/** by who looks at it */
	isLiked: boolean;
	/**
	 * as of when both are, for who is signed in: the higher, the newer. Undefined: nobody knows
	 */
	likesAsOf?: number;
	createdAt: string;
	recordUri: string;
}

/** Where the browser gets the audio of a track. */
export const audioUrl = (track: Pick<Track, 'fileId'>) => `/audio/${track.fileId}`;

/** A track as who wants to use little data hears it. */
export const inLess = (track: Track): Track =>
	track.smallerFileId
		? { ...track, fileId: track.smallerFileId, fileType: 'mp3', codec: 'mp3' }
		: track;

/** Where a featured person is found: on the network, as they may have no page here. */
export const featureUrl = ({ did }: Track['features'][number]) => networkProfileUrl(did);
