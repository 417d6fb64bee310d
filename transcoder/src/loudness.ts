/** What the ebur128 filter found out. */
export interface Loudness {
	/** EBU R128 integrated loudness in LUFS; null for silence or less than 400 ms of sound. */
	integratedLufs: number | null;
	/** True peak in dBTP; null for silence. */
	truePeakDbtp: number | null;
}

/** The filter answers this when no block of 400 ms passed the gate of -70 LUFS. */
const NOTHING_MEASURED_LUFS = -70;

function lastNumber(lines: readonly string[], pattern: RegExp): number | null {
	const text = lines
		.map((line) => pattern.exec(line)?.[1])
		.findLast((found) => found !== undefined);
	const value = Number(text);
	return text !== undefined && Number.isFinite(value) ? value : null;
}

/**
 * Reads the summary ffmpeg's ebur128 filter prints when it ends. The last one counts: ffmpeg sets
 * its filters up twice and the first set ends without having heard anything. A summary cannot be
 * forged by a tag, since tags are printed before it. Source: libavfilter/f_ebur128.c, uninit.
 */
export function parseLoudness(lines: readonly string[]): Loudness {
	const start = lines.findLastIndex((line) => line.includes('Summary:'));
	const summary = start === -1 ? [] : lines.slice(start);
	const lufs = lastNumber(summary, /^\s*I:\s+(-?[\d.]+) LUFS/);
	return {
		integratedLufs: lufs !== null && lufs > NOTHING_MEASURED_LUFS ? lufs : null,
		truePeakDbtp: lastNumber(summary, /^\s*Peak:\s+(-?[\d.]+) dBFS/)
	};
}
