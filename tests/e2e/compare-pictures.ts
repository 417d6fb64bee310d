import sharp from 'sharp';

/** Letters differ by a hair from one version of a browser to the next: compared in small, they do not. */
const SMALLER = 8;
/** Of 255, on average. */
const MAX_MEAN = 2;
/** Of a part of a picture that is plainly another one. */
const CLEARLY = 40;
const MAX_SHARE = 0.01;

/** A picture as it is kept. */
export const kept = (picture: Buffer): Promise<Buffer> =>
	sharp(picture).webp({ quality: 80, effort: 6 }).toBuffer();

/** What tells two pictures apart, in words; null: they are as good as the same. */
export async function differenceOf(one: Buffer, other: Buffer): Promise<string | null> {
	const [a, b] = await Promise.all([inSmall(one), inSmall(other)]);
	if (a.info.width !== b.info.width || a.info.height !== b.info.height) {
		return `${a.info.width} × ${a.info.height} instead of ${b.info.width} × ${b.info.height}`;
	}
	let sum = 0;
	let clear = 0;
	for (const [index, value] of a.data.entries()) {
		const difference = Math.abs(value - (b.data[index] ?? 0));
		sum += difference;
		if (difference > CLEARLY) clear += 1;
	}
	const mean = sum / a.data.length;
	const share = clear / a.data.length;
	if (mean <= MAX_MEAN && share <= MAX_SHARE) return null;
	return `${mean.toFixed(2)} of 255 on average, ${(share * 100).toFixed(2)} % are plainly another`;
}

async function inSmall(picture: Buffer) {
	const { width, height } = await sharp(picture).metadata();
	const [small, low] = [Math.round(width / SMALLER), Math.round(height / SMALLER)];
	return await sharp(picture)
		.resize(small, low, { fit: 'fill' })
		.removeAlpha()
		.raw()
		.toBuffer({ resolveWithObject: true });
}
