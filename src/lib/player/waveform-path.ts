const BAR_PX = 2;
const GAP_PX = 1;
/** Silence is drawn, too, so that it is seen where the track is. */
const LEAST_PX = 2;

/**
 * The shape of a track, as the `d` of a path: as many bars as there is room for, around the middle,
 * the loudest as high as there is room. Empty when there is no room for one.
 * @param peaks 0..255 for parts of the same length
 */
export function waveformPath(
	peaks: ArrayLike<number>,
	{ widthPx, heightPx }: { widthPx: number; heightPx: number }
): string {
	const count = Math.min(peaks.length, Math.floor((widthPx + GAP_PX) / (BAR_PX + GAP_PX)));
	if (count < 1) return '';
	const loudest = Math.max(1, ...Array.from(peaks));
	// from edge to edge: what is left over is between the bars
	const stepPx = count > 1 ? (widthPx - BAR_PX) / (count - 1) : 0;
	return Array.from({ length: count }, (_, index) => {
		const peak = loudestOf(peaks, index / count, (index + 1) / count);
		const height = Math.max(LEAST_PX, (peak / loudest) * heightPx);
		const [x, y] = [index * stepPx, (heightPx - height) / 2];
		return `M${round(x)} ${round(y)}h${BAR_PX}v${round(height)}h-${BAR_PX}z`;
	}).join('');
}

/** The same where nothing is known: one thin bar. */
export const plainPath = ({ widthPx, heightPx }: { widthPx: number; heightPx: number }): string =>
	`M0 ${heightPx / 2 - 2}h${round(widthPx)}v4h-${round(widthPx)}z`;

function loudestOf(peaks: ArrayLike<number>, from: number, to: number): number {
	const end = Math.ceil(to * peaks.length);
	let loudest = 0;
	for (let index = Math.floor(from * peaks.length); index < end; index++) {
		loudest = Math.max(loudest, peaks[index] ?? 0);
	}
	return loudest;
}

const round = (px: number) => Math.round(px * 10) / 10;
