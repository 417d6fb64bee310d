/** Red, green and blue, 0..255. */
type Rgb = [number, number, number];

const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [0, 0, 0];
/** Steps in which a color goes to white or black. */
const STEPS = 100;

const rgbOf = (hex: string): Rgb => [
	parseInt(hex.slice(1, 3), 16),
	parseInt(hex.slice(3, 5), 16),
	parseInt(hex.slice(5, 7), 16)
];

const hexOf = (rgb: Rgb): string =>
	`#${rgb.map((channel) => Math.round(channel).toString(16).padStart(2, '0')).join('')}`;

/** Relative luminance as WCAG has it, 0..1. */
function luminance(hex: string): number {
	const [r, g, b] = rgbOf(hex).map((channel) => {
		const value = channel / 255;
		return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
	}) as Rgb;
	return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** The contrast of two colors (#rrggbb) as WCAG has it: 1 to 21. */
export function contrast(one: string, other: string): number {
	const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
	return (light + 0.05) / (dark + 0.05);
}

/**
 * The color, or the one nearest to it on the way to white or black that can be told from another.
 * @param from what it is to be told from
 * @param ratio the contrast it needs at least
 */
export function legible(
	color: string,
	{ toward, from, ratio }: { toward: 'white' | 'black'; from: string; ratio: number }
): string {
	const [start, end] = [rgbOf(color), toward === 'white' ? WHITE : BLACK];
	for (let step = 0; step <= STEPS; step++) {
		const share = step / STEPS;
		const mixed = hexOf(
			start.map((channel, index) => channel + ((end[index] ?? 0) - channel) * share) as Rgb
		);
		if (contrast(mixed, from) >= ratio) return mixed;
	}
	return hexOf(end);
}

/** The color with each channel brighter, or darker with a negative number. */
export const shifted = (color: string, by: number): string =>
	hexOf(rgbOf(color).map((channel) => Math.min(255, Math.max(0, channel + by))) as Rgb);
