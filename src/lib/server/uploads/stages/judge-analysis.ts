import type { AudioFormat } from '#lib/server/media/formats.ts';
import type { Analysis } from '#lib/server/media/transcoder-client.ts';
import { type RefusalCode, UploadRefused } from '../failures.ts';

/** Codecs a format may hold, as ffprobe names them; a wav or aiff holds any that can be decoded. */
const CODECS: Record<AudioFormat, readonly string[] | null> = {
	mp3: ['mp3', 'mp3float'],
	m4a: ['aac'],
	alac: ['alac'],
	aac: ['aac'],
	flac: ['flac'],
	ogg: ['vorbis'],
	opus: ['opus'],
	wav: null,
	aiff: null
};

/** The format, when what was decoded is what the bytes promised; null when it is something else. */
export function formatOfCodec(format: AudioFormat, codec: string): AudioFormat | null {
	const codecs = CODECS[format];
	return codecs === null || codecs.includes(codec) ? format : null;
}

/**
 * Refuses what decoded to something nobody could want to publish. Silence is fine: it can be meant.
 * @throws UploadRefused
 */
export function refuseBroken(analysis: Analysis): void {
	const refuse = (code: RefusalCode, sentence: string) => {
		throw new UploadRefused(code, sentence);
	};
	if (analysis.hasVideo) {
		refuse('has_video', 'this is a video. send only its sound, for example as an m4a or mp3');
	}
	if (analysis.durationMs === 0) {
		refuse(
			'no_sound',
			'there is no sound in this file: its header promises some, and nothing follows'
		);
	}
	if (analysis.truncated) {
		const promisedMs = analysis.expectedDurationMs ?? 0;
		const digits = promisedMs - analysis.durationMs < 100 ? 3 : 1;
		const promised = clock(promisedMs, digits);
		const decoded = clock(analysis.durationMs, digits);
		refuse(
			'truncated',
			`this file is cut off: it says it plays ${promised}, and only ${decoded} is there. export it again and send the whole file`
		);
	}
}

/** Minutes and seconds, to a tenth or a thousandth: 3:07.4 */
function clock(ms: number, digits: 1 | 3): string {
	const unitsPerSecond = 10 ** digits;
	const units = Math.round((ms * unitsPerSecond) / 1000);
	const minutes = Math.floor(units / unitsPerSecond / 60);
	const seconds = ((units / unitsPerSecond) % 60).toFixed(digits).padStart(digits + 3, '0');
	return `${minutes}:${seconds}`;
}
