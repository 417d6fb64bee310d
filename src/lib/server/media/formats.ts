/** The kinds of audio that are accepted, as their content says. */
export type AudioFormat = 'mp3' | 'm4a' | 'alac' | 'aac' | 'wav' | 'flac' | 'ogg' | 'opus' | 'aiff';

/** How a kind of audio is kept and served. */
export interface FormatFacts {
	/** of the stored key and of the record's fileType, without the dot */
	extension: string;
	contentType: string;
	/**
	 * a browser plays it as it was uploaded. The others get a rendition beside the original; it is a
	 * 320 kbit/s mp3 for all of them: a flac made of an aiff or alac would keep every bit, but it is
	 * five times as large on a phone's line, and the original keeps every bit anyway.
	 */
	streamable: boolean;
}

export const FORMATS: Record<AudioFormat, FormatFacts> = {
	mp3: { extension: 'mp3', contentType: 'audio/mpeg', streamable: true },
	m4a: { extension: 'm4a', contentType: 'audio/mp4', streamable: true },
	wav: { extension: 'wav', contentType: 'audio/wav', streamable: true },
	flac: { extension: 'flac', contentType: 'audio/flac', streamable: true },
	ogg: { extension: 'ogg', contentType: 'audio/ogg', streamable: true },
	opus: { extension: 'opus', contentType: 'audio/ogg', streamable: true },
	alac: { extension: 'm4a', contentType: 'audio/mp4', streamable: false },
	aac: { extension: 'aac', contentType: 'audio/aac', streamable: false },
	aiff: { extension: 'aiff', contentType: 'audio/aiff', streamable: false }
};

/** What the streamable rendition of the others is. */
export const RENDITION_FORMAT = 'mp3' satisfies AudioFormat;

/** Named wherever something else was sent. */
export const ACCEPTED_FORMATS = 'mp3, m4a/aac, wav, flac, ogg vorbis, opus, aiff, alac';

/** Kinds of sample that every browser decodes in a wav; a wav can hold any codec at all. */
const PLAYABLE_WAV_CODECS = new Set([
	'pcm_u8',
	'pcm_s16le',
	'pcm_s24le',
	'pcm_s32le',
	'pcm_f32le',
	'pcm_alaw',
	'pcm_mulaw'
]);

/**
 * Whether a browser plays this file as it is.
 * @param codec as ffprobe names it; null when nobody has looked
 */
export function isStreamable(format: AudioFormat, codec: string | null): boolean {
	if (!FORMATS[format].streamable) return false;
	if (format === 'wav' && codec !== null) return PLAYABLE_WAV_CODECS.has(codec);
	return true;
}
