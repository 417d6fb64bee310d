import type { Track } from '#lib/tracks/track.ts';
import { type GaplessSource, NotGapless } from './gapless-source.ts';
import { FlacSource } from './flac-source.ts';
import { M4aSource } from './m4a-source.ts';
import { Mp3Source } from './mp3-source.ts';
import type { RangeReader } from './ranges.ts';

/**
 * Looks into a track's file, as far as it must to play it without gaps.
 * @throws NotGapless when it cannot be; TypeError without a line
 */
export async function openSource(
	{ contentType }: Pick<Track, 'contentType'>,
	reader: RangeReader,
	signal: AbortSignal
): Promise<GaplessSource> {
	const source = await open(contentType, reader, signal);
	if (!MediaSource.isTypeSupported(source.mimeType)) throw new NotGapless(source.mimeType);
	return source;
}

function open(type: string, reader: RangeReader, signal: AbortSignal): Promise<GaplessSource> {
	switch (type) {
		case 'audio/mpeg':
			return Mp3Source.open(reader, signal);
		case 'audio/mp4':
			return M4aSource.open(reader, signal);
		case 'audio/flac':
			return FlacSource.open(reader, signal);
		default:
			throw new NotGapless(`nothing is known of ${type}`);
	}
}
