import type { Probe } from './probe.ts';

/** How loud a sound is. */
export interface Loudness {
	/** EBU R128 integrated loudness in LUFS; null for silence or less than 400 ms of sound. */
	integratedLufs: number | null;
	/** True peak in dBTP, up to 12; null for silence, and for what is below -78. */
	truePeakDbtp: number | null;
}

/** The filter answers this when no block of 400 ms passed the gate of -70 LUFS. */
const NOTHING_MEASURED_LUFS = -70;
/** Room above full scale for what peaks between samples, in decibels. */
const HEADROOM_DB = 12;
/** What a sound of 16 bits has that are all zero: -20 log10 of 32768, and a little. */
const SILENCE_DB = -90;
/** ITU-R BS.1770-4 annex 2: peaks between samples are found at 192 kHz, and at half of that nearly. */
const OVERSAMPLED_HZ = 176_400;

/**
 * The chain that hears `[meter]` as `[metered]` and `[peak]` as `[peaked]`.
 *
 * The meter's own true peak takes half the time of a whole analysis: it works at 192 kHz in double
 * precision. Four phases of 16 taps each are what BS.1770 asks for, and are as close to it as the
 * 0.4 dB its tests allow (EBU Tech 3341, cases 15 to 23).
 */
export function loudnessFilters({ sampleRateHz }: Pick<Probe, 'sampleRateHz'>): string {
	const factor = [4, 2].find((times) => sampleRateHz * times <= 2 * OVERSAMPLED_HZ) ?? 1;
	const oversample = `aresample=${sampleRateHz * factor}:filter_size=16:phase_shift=2:internal_sample_fmt=fltp`;
	return [
		'[meter]ebur128=framelog=verbose[metered]',
		`[peak]volume=-${HEADROOM_DB}dB:precision=float,${oversample},aformat=s16,volumedetect[peaked]`
	].join(';');
}

/**
 * Whether a line is one of those `parseLoudness` reads. The others are many: a histogram has a line
 * for every decibel between the loudest moment and the common ones.
 */
export const saysLoudness = (line: string): boolean =>
	/Summary:|^\s*I:\s+\S+ LUFS|\bmax_volume: /.test(line);

function lastNumber(lines: readonly string[], pattern: RegExp): number | null {
	const text = lines
		.map((line) => pattern.exec(line)?.[1])
		.findLast((found) => found !== undefined);
	const value = Number(text);
	return text !== undefined && Number.isFinite(value) ? value : null;
}

/**
 * Reads what the filters print when they end. The last counts: ffmpeg sets its filters up twice and
 * the first set ends without having heard anything. Neither can be forged by a tag, since tags are
 * printed before. Source: uninit of libavfilter/f_ebur128.c and af_volumedetect.c.
 */
export function parseLoudness(lines: readonly string[]): Loudness {
	const start = lines.findLastIndex((line) => line.includes('Summary:'));
	const summary = start === -1 ? [] : lines.slice(start);
	const lufs = lastNumber(summary, /^\s*I:\s+(-?[\d.]+) LUFS/);
	const peakDb = lastNumber(lines, /^\[Parsed_volumedetect_.*\bmax_volume: (-?[\d.]+) dB$/);
	return {
		integratedLufs: lufs !== null && lufs > NOTHING_MEASURED_LUFS ? lufs : null,
		truePeakDbtp: peakDb !== null && peakDb > SILENCE_DB ? oneDecimal(peakDb + HEADROOM_DB) : null
	};
}

const oneDecimal = (value: number): number => Math.round(value * 10) / 10;
