/** How many bars the waveform of a page has: as many as a phone has room for. */
export const WAVE_BARS = 140;
/** Height of the drawing in its own units. */
export const WAVE_HEIGHT = 64;
/** Silence is drawn, too, so that it is seen where the track is. */
const LEAST = 1;

/**
 * The shape of a track for a page, as the `d` of a path that is stroked: upright lines around the
 * middle, two units apart, the loudest as high as there is room.
 * @param peaks 0..255 for parts of the same length
 * @returns null when there are none
 */
export function wavePath(peaks: ArrayLike<number>): string | null {
	if (peaks.length === 0) return null;
	const heights = Array.from({ length: WAVE_BARS }, (_, bar) => loudestOf(peaks, bar));
	const loudest = Math.max(1, ...heights);
	return heights
		.map((height, bar) => {
			const half = Math.max(LEAST, Math.round(((height / loudest) * (WAVE_HEIGHT - 4)) / 2));
			return `M${bar * 2 + 1} ${WAVE_HEIGHT / 2 - half}v${half * 2}`;
		})
		.join('');
}

function loudestOf(peaks: ArrayLike<number>, bar: number): number {
	const end = Math.ceil(((bar + 1) / WAVE_BARS) * peaks.length);
	let loudest = 0;
	for (let index = Math.floor((bar / WAVE_BARS) * peaks.length); index < end; index++) {
		loudest = Math.max(loudest, peaks[index] ?? 0);
	}
	return loudest;
}
