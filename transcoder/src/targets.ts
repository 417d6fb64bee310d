import { isLossless } from './lossless.ts';

/** What a conversion needs to know of its source. */
export interface Source {
	codec: string;
	sampleFormat: string;
	sampleRateHz: number;
	channels: number;
}

/** One thing this service can convert to. */
export interface Target {
	contentType: string;
	/** Of a file, without the dot. */
	extension: string;
	/** The encoder, the sample rate, the channels and the muxer, as ffmpeg arguments. */
	encode: (source: Source) => string[];
}

const MP3_RATES_HZ = [8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000];
const AAC_RATES_HZ = [7350, ...MP3_RATES_HZ, 64_000, 88_200, 96_000];
const STEREO = 2;

/** The source's rate when the codec has it, else the one of 44.1 and 48 kHz it divides into. */
function rate(source: Source, allowedHz: readonly number[]): string[] {
	const { sampleRateHz } = source;
	if (allowedHz.includes(sampleRateHz)) return ['-ar', String(sampleRateHz)];
	return ['-ar', sampleRateHz % 11_025 === 0 ? '44100' : '48000'];
}

/** Renditions for listening are stereo at most: players disagree about the rest. */
function stereoAtMost(source: Source): string[] {
	return source.channels > STEREO ? ['-ac', String(STEREO)] : [];
}

/** What a lossy codec decodes to is float, which would become 24 bits of which 8 are noise. */
function flacDepth(source: Source): string[] {
	return isLossless(source.codec) ? [] : ['-sample_fmt', 's16'];
}

const mp3 = (bitRate: string): Target => ({
	contentType: 'audio/mpeg',
	extension: 'mp3',
	encode: (source: Source) => [
		...['-c:a', 'libmp3lame', '-b:a', bitRate, '-id3v2_version', '3'],
		...[...rate(source, MP3_RATES_HZ), ...stereoAtMost(source), '-f', 'mp3']
	]
});

const TARGETS: ReadonlyMap<string, Target> = new Map([
	['mp3', mp3('320k')],
	['mp3-128', mp3('128k')],
	[
		'm4a',
		{
			contentType: 'audio/mp4',
			extension: 'm4a',
			encode: (source: Source) => [
				...['-c:a', 'aac', '-b:a', '256k', '-movflags', '+faststart'],
				...[...rate(source, AAC_RATES_HZ), ...stereoAtMost(source), '-f', 'ipod']
			]
		}
	],
	[
		'wav',
		{
			contentType: 'audio/wav',
			extension: 'wav',
			encode: () => ['-c:a', 'pcm_s16le', '-rf64', 'auto', '-f', 'wav']
		}
	],
	[
		'flac',
		{
			contentType: 'audio/flac',
			extension: 'flac',
			encode: (source: Source) => ['-c:a', 'flac', ...flacDepth(source), '-f', 'flac']
		}
	],
	[
		'ogg',
		{
			contentType: 'audio/ogg',
			extension: 'ogg',
			encode: (source: Source) => [
				...['-c:a', 'libvorbis', '-q:a', '6'],
				...[...rate(source, AAC_RATES_HZ), ...stereoAtMost(source), '-f', 'ogg']
			]
		}
	],
	[
		'opus',
		{
			// RFC 7845 §9: an ogg file, told apart by the codecs parameter.
			contentType: 'audio/ogg; codecs=opus',
			extension: 'opus',
			encode: (source: Source) => [
				...['-c:a', 'libopus', '-b:a', '160k', '-ar', '48000'],
				...[...stereoAtMost(source), '-f', 'opus']
			]
		}
	]
]);

/** The names `?target=` accepts, in the order they are told. */
export const TARGET_NAMES: readonly string[] = [...TARGETS.keys()];

/** The target of that name, or null. */
export function findTarget(name: string): Target | null {
	return TARGETS.get(name) ?? null;
}
