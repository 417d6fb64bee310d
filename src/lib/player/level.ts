import type { Loudness, Track } from '#lib/tracks/track.ts';

/** How loud everything is to be. */
const TARGET_LUFS = -14;
/**
 * No sample, nor what a converter makes between two of them, comes above −1 dBTP: a tenth less,
 * because measured peaks are rounded to tenths.
 */
const PEAK_MAX_DBTP = -1.1;
/** More would be the noise of the recording. */
const GAIN_MAX_DB = 24;
/** As quiet as EBU R128 measures: it is silence. */
const SILENCE_LUFS = -70;

/** Whether, and by what, tracks are made equally loud. */
export type Level = 'off' | 'track' | 'album';

/**
 * The factor by which a track is to be louder (above 1) or quieter: its loudness becomes −14 LUFS,
 * unless its true peak would come above −1 dBTP; then it stays as much quieter as it has to.
 * What nobody has measured is left as it is.
 * @param isInAlbum it is played as a part of its album: then all tracks of that have one factor
 */
export function levelGain(
	track: Pick<Track, 'loudness' | 'album'>,
	level: Level,
	isInAlbum: boolean
): number {
	if (level === 'off') return 1;
	const ofAlbum = level === 'album' && isInAlbum ? track.album?.loudness : null;
	return gainFor(ofAlbum ?? track.loudness);
}

function gainFor(loudness: Loudness | null): number {
	if (!loudness || loudness.lufs <= SILENCE_LUFS) return 1;
	const gainDb = Math.min(
		TARGET_LUFS - loudness.lufs,
		PEAK_MAX_DBTP - loudness.truePeakDbtp,
		GAIN_MAX_DB
	);
	return 10 ** (gainDb / 20);
}

/**
 * What a volume (0..1, as people set it) does to the sound: half of it is heard as about half as
 * loud, where half of the amplitude would be hardly quieter.
 */
export const amplitudeOfVolume = (volume: number): number => volume ** 3;
