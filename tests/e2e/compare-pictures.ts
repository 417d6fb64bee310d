import sharp, { type Sharp } from 'sharp';

/** Pictures are kept and compared at half their size. */
const SMALLER = 2;
/** Edge of the blocks they are compared by, 8 px of the page: smaller than any letter or icon. */
const EDGE = 4;
/**
 * Of 255: as much as a block's color may be another on average, and as much as its pixels may be others
 * where its color stayed the same. Two pictures of one page differ by 0.3 at most, also on a busy machine;
 * keeping one adds 4.
 */
const MAX_MEAN = 6;
const MAX_STRUCTURE = 12;
/** Fewer than the smallest icon covers. */
const MAX_BLOCKS = 2;

/** A picture as it is kept: small, and without a loss that depends on what is around a block. */
export async function kept(picture: Buffer): Promise<Buffer> {
	return (await inSmall(picture)).webp({ nearLossless: true, quality: 40, effort: 4 }).toBuffer();
}

interface Pixels {
	data: Buffer;
	width: number;
	height: number;
	channels: number;
}

/** What tells a picture of a page from one that was kept, in words; null: they show the same. */
export async function differenceOf(picture: Buffer, known: Buffer): Promise<string | null> {
	const [a, b] = await Promise.all([pixelsOf(await inSmall(picture)), pixelsOf(sharp(known))]);
	if (a.width !== b.width || a.height !== b.height) {
		return `${a.width} × ${a.height} instead of ${b.width} × ${b.height}`;
	}
	const differing: { left: number; top: number }[] = [];
	for (let top = 0; top < a.height; top += EDGE) {
		for (let left = 0; left < a.width; left += EDGE) {
			if (differs(a, b, left, top)) differing.push({ left, top });
		}
	}
	if (differing.length <= MAX_BLOCKS) return null;
	const lefts = differing.map(({ left }) => left * SMALLER);
	const tops = differing.map(({ top }) => top * SMALLER);
	const [edge, count] = [EDGE * SMALLER, differing.length];
	const from = `${Math.min(...lefts)}, ${Math.min(...tops)}`;
	const to = `${Math.max(...lefts) + edge}, ${Math.max(...tops) + edge}`;
	return `${count} blocks of ${edge} px are others, between ${from} and ${to}`;
}

function differs(a: Pixels, b: Pixels, left: number, top: number): boolean {
	const right = Math.min(left + EDGE, a.width);
	const bottom = Math.min(top + EDGE, a.height);
	const count = (right - left) * (bottom - top);
	const means = new Array<number>(a.channels).fill(0);
	let structure = 0;
	for (let y = top; y < bottom; y += 1) {
		const end = (y * a.width + right) * a.channels;
		for (let at = (y * a.width + left) * a.channels; at < end; at += 1) {
			const difference = (a.data[at] ?? 0) - (b.data[at] ?? 0);
			const channel = at % a.channels;
			means[channel] = (means[channel] ?? 0) + difference / count;
			structure += Math.abs(difference);
		}
	}
	if (structure > MAX_STRUCTURE * count * a.channels) return true;
	return means.some((mean) => Math.abs(mean) > MAX_MEAN);
}

async function inSmall(picture: Buffer): Promise<Sharp> {
	const { width } = await sharp(picture).metadata();
	return sharp(picture).resize(Math.round(width / SMALLER));
}

async function pixelsOf(picture: Sharp): Promise<Pixels> {
	const { data, info } = await picture.removeAlpha().raw().toBuffer({ resolveWithObject: true });
	return { data, width: info.width, height: info.height, channels: info.channels };
}
