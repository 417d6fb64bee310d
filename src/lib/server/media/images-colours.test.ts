import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import sharp from 'sharp';
import {
	BLUE,
	isClose,
	openPictureShelf,
	type PictureShelf,
	pixelAt,
	plain
} from '#lib/server/testing/picture-shelf.ts';
import { storeImage } from './images.ts';

const ORANGE = { r: 230, g: 90, b: 40 };
const orange = Object.values(ORANGE);
const FORMATS = ['avif', 'webp', 'jpeg'] as const;

describe('the colours of a picture', () => {
	let shelf: PictureShelf;
	before(async () => (shelf = await openPictureShelf()));
	after(() => shelf.close());

	async function keep(bytes: Buffer) {
		const { imageId } = await storeImage(shelf.ctx, bytes);
		const row = await shelf.database.db
			.selectFrom('images')
			.select(['placeholder', 'dominant_color'])
			.where('image_id', '=', imageId)
			.executeTakeFirstOrThrow();
		return { imageId, placeholder: row.placeholder ?? '', color: row.dominant_color ?? '' };
	}

	async function assertLooksLike(bytes: Buffer, wanted: number[], steps = 10) {
		const { imageId } = await keep(bytes);
		for (const format of FORMATS) {
			const picture = await shelf.bytes(imageId, { format, size: '320' });
			const seen = await pixelAt(picture, 20, 20);
			assert.ok(isClose(seen, wanted, steps), `${format}: ${seen.join()} is not ${wanted.join()}`);
			const { icc, space } = await sharp(picture).metadata();
			assert.deepEqual([icc, space], [undefined, 'srgb'], format);
		}
	}

	it('of a phone with a wide gamut (display p3) look as they did there', async () => {
		const p3 = await plain(200, 200, ORANGE).withIccProfile('p3').jpeg({ quality: 95 }).toBuffer();
		const stored = await pixelAt(await sharp(p3, { ignoreIcc: true }).png().toBuffer(), 20, 20);
		assert.ok(!isClose(stored, orange), 'the numbers in the file are others');
		await assertLooksLike(p3, orange);
	});

	it('made for print (cmyk) look as they did there, with and without a profile', async () => {
		const cmyk = plain(200, 200, ORANGE).toColourspace('cmyk');
		for (const picture of [cmyk.clone().withIccProfile('cmyk'), cmyk]) {
			const bytes = await picture.jpeg({ quality: 95 }).toBuffer();
			assert.equal((await sharp(bytes).metadata()).space, 'cmyk');
			await assertLooksLike(bytes, orange, 35);
		}
	});

	it('are kept when there are none, or too many: grey, and 16 bits', async () => {
		const grey = plain(200, 200, { r: 120, g: 120, b: 120 });
		const oneChannel = await grey.clone().toColourspace('b-w').png().toBuffer();
		assert.equal((await sharp(oneChannel).metadata()).channels, 1);
		await assertLooksLike(oneChannel, [120, 120, 120]);
		const deep = await plain(200, 200, ORANGE).toColourspace('rgb16').png().toBuffer();
		assert.equal((await sharp(deep).metadata()).depth, 'ushort');
		await assertLooksLike(deep, orange);
		const palette = await plain(200, 200, ORANGE).png({ palette: true }).toBuffer();
		await assertLooksLike(palette, orange);
	});

	it('a transparent one stands on a ground it can be seen on', async () => {
		const logo = (shade: number) =>
			sharp({
				create: { width: 200, height: 200, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } }
			})
				.composite([
					{
						input: {
							create: {
								width: 80,
								height: 80,
								channels: 4,
								background: { r: shade, g: shade, b: shade, alpha: 1 }
							}
						}
					}
				])
				.png()
				.toBuffer();
		for (const [shade, ground] of [
			[10, 255],
			[245, 20]
		] as const) {
			const { imageId, color } = await keep(await logo(shade));
			for (const format of FORMATS) {
				const picture = await shelf.bytes(imageId, { format });
				assert.ok(isClose(await pixelAt(picture, 5, 5), [ground, ground, ground]), format);
				assert.ok(isClose(await pixelAt(picture, 100, 100), [shade, shade, shade]), format);
			}
			assert.equal(color, ground === 255 ? '#ffffff' : '#141414');
		}
	});

	it('are told in advance: the most common one, and a tiny blurred picture', async () => {
		const corner = await plain(100, 100, BLUE).png().toBuffer();
		const bytes = await plain(400, 400, ORANGE)
			.composite([{ input: corner, left: 0, top: 0 }])
			.png()
			.toBuffer();
		const { placeholder, color } = await keep(bytes);
		assert.equal(color, '#e65a28');
		const [, base64] = /^data:image\/webp;base64,([\w+/]+=*)$/.exec(placeholder) ?? [];
		const tiny = Buffer.from(base64 ?? '', 'base64');
		const { width, height } = await sharp(tiny).metadata();
		assert.deepEqual([width, height], [16, 16]);
		assert.ok(isClose(await pixelAt(tiny, 12, 12), orange, 30));
		const [red = 0, , blue = 0] = await pixelAt(tiny, 1, 1);
		assert.ok(blue > red, 'the corner is in it');
	});

	it('the tiny picture stays tiny whatever it is of', async () => {
		const noise = await sharp({
			create: {
				width: 300,
				height: 300,
				channels: 3,
				background: 'black',
				noise: { type: 'gaussian', mean: 128, sigma: 120 }
			}
		})
			.resize(16, 16, { kernel: 'nearest' })
			.resize(300, 300, { kernel: 'nearest' })
			.png()
			.toBuffer();
		const { placeholder } = await keep(noise);
		assert.ok(placeholder.length < 500, String(placeholder.length));
	});

	it('nothing else of the file is left: where, when, with what and by whom', async () => {
		// blue on top as stored; the camera was held so that blue is on the right
		const top = await plain(400, 200, BLUE).png().toBuffer();
		const bytes = await plain(400, 400)
			.composite([{ input: top, top: 0, left: 0 }])
			.jpeg()
			.withExif({
				IFD0: { Copyright: 'secret-owner', Make: 'secret-camera' },
				IFD3: {
					GPSLatitudeRef: 'N',
					GPSLatitude: '51/1 30/1 0/1',
					GPSMapDatum: 'secret-place'
				}
			})
			.withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"><a>secret-words</a></x:xmpmeta>')
			.withMetadata({ orientation: 6 })
			.toBuffer();
		for (const word of ['owner', 'camera', 'place', 'words']) {
			assert.ok(bytes.includes(`secret-${word}`), `${word} is in the file`);
		}
		const { imageId } = await storeImage(shelf.ctx, bytes);
		for (const format of FORMATS) {
			for (const size of ['96', '320', '640', '1200']) {
				const picture = await shelf.bytes(imageId, { format, size });
				const facts = await sharp(picture).metadata();
				for (const key of ['exif', 'xmp', 'icc', 'iptc', 'orientation'] as const) {
					assert.equal(facts[key], undefined, `${key} of ${format}`);
				}
				assert.ok(!picture.includes('secret'), format);
			}
			const picture = await shelf.bytes(imageId, { format, size: '320' });
			assert.ok(isClose(await pixelAt(picture, 300, 160), [0, 0, 255]), format);
			assert.ok(isClose(await pixelAt(picture, 20, 160), [255, 0, 0]), format);
		}
	});
});
