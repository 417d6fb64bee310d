import type { Track } from '#lib/tracks/track.ts';
import { type GaplessSource, NotGapless } from './gapless-source.ts';
import { FlacSource } from './flac-source.ts';
import { M4aSource } from './m4a-source.ts';
import { Mp3Source } from './mp3-source.ts';
import { OpusSource } from './opus-source.ts';
import type { RangeReader } from './ranges.ts';
import { VorbisSource } from './vorbis-source.ts';
import { WavSource } from './wav-source.ts';

/**
 * What comes first out of a decoder of vorbis, no browser tells. The times it is given here are right for
 * this Chromium, where they were measured; earlier ones had another decoder.
 */
const VORBIS_SINCE_CHROMIUM = 156;

/**
 * Looks into a track's file, as far as it must to play it without gaps.
 * @throws NotGapless when it cannot be; TypeError without a line
 */
export async function openSource(
	track: Pick<Track, 'fileType' | 'loudness'>,
	reader: RangeReader,
	signal: AbortSignal
): Promise<GaplessSource> {
	const source = await open(track, reader, signal);
	if (!MediaSource.isTypeSupported(source.mimeType)) throw new NotGapless(source.mimeType);
	return source;
}

function open(
	{ fileType, loudness }: Pick<Track, 'fileType' | 'loudness'>,
	reader: RangeReader,
	signal: AbortSignal
): Promise<GaplessSource> {
	switch (fileType) {
		case 'mp3':
			return Mp3Source.open(reader, signal);
		case 'm4a':
			return M4aSource.open(reader, signal);
		case 'flac':
			return FlacSource.open(reader, signal);
		case 'opus':
			return OpusSource.open(reader, signal);
		case 'ogg':
			if (chromiumVersion() < VORBIS_SINCE_CHROMIUM) throw new NotGapless('vorbis');
			return VorbisSource.open(reader, signal);
		case 'wav':
			return WavSource.open(reader, signal, loudness?.truePeakDbtp);
		default:
			throw new NotGapless(`nothing is known of ${fileType}`);
	}
}

/** 0: it is another browser. */
const chromiumVersion = (): number => Number(/Chrome\/(\d+)/.exec(navigator.userAgent)?.[1] ?? 0);
