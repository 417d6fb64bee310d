import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import sharp from 'sharp';
import { DomainError } from '#lib/server/errors.ts';
import {
	BLUE,
	isClose,
	openPictureShelf,
	type PictureShelf,
	pixelAt,
	plain,
	RED
} from '#lib/server/testing/picture-shelf.ts';
import { findImage, getImageRendition, storeImage } from './images.ts';
import { imageObjectKeys } from './renditions.ts';

const hasCode = (status: number, code: string) => (cause: unknown) =>
	cause instanceof DomainError && cause.status === status && cause.code === code;

const FORMATS = ['avif', 'webp', 'jpeg'] as const;
const [red, blue] = [RED, BLUE].map((colour) => Object.values(colour)) as [number[], number[]];

describe('keeping a picture', () => {
	let shelf: PictureShelf;
	before(async () => (shelf = await openPictureShelf()));
	after(() => shelf.close());

	async function sizeOf(imageId: string, request: Parameters<PictureShelf['bytes']>[1]) {
		const { width, height, format, compression } = await sharp(
			await shelf.bytes(imageId, request)
		).metadata();
		return [width, height, compression === 'av1' ? 'avif' : format];
	}

	for (const format of ['jpeg', 'png', 'webp', 'gif', 'avif'] as const) {
		it(`${format} is kept in three formats, in squares of four sizes and whole in two`, async () => {
			const bytes = await plain(1600, 1300).toFormat(format).toBuffer();
			const { imageId } = await storeImage(shelf.ctx, bytes);
			for (const kept of FORMATS) {
				for (const size of ['96', '320', '640', '1200']) {
					const square = await sizeOf(imageId, { size, format: kept });
					assert.deepEqual(square, [Number(size), Number(size), kept]);
				}
				const full = (size: string) => sizeOf(imageId, { size, format: kept, shape: 'full' });
				assert.deepEqual(await full('1200'), [1200, 975, kept]);
				assert.deepEqual(await full('640'), [640, 520, kept]);
				// there is no smaller one
				assert.deepEqual(await full('96'), [640, 520, kept]);
			}
			assert.deepEqual(await findImage(shelf.ctx, imageId), {
				imageId,
				widthPx: 1600,
				heightPx: 1300
			});
			assert.equal((await shelf.stored(imageId)).length, 18);
		});
	}

	it('is never enlarged: a smaller one is given as large as it is', async () => {
		const { imageId } = await storeImage(shelf.ctx, await plain(700, 500).png().toBuffer());
		const edges: unknown[] = [];
		for (const size of ['96', '320', '640', '1200']) {
			edges.push((await sizeOf(imageId, { size, format: 'webp' }))[0]);
		}
		assert.deepEqual(edges, [96, 320, 500, 500]);
		assert.deepEqual(await sizeOf(imageId, { shape: 'full' }), [700, 500, 'jpeg']);

		const tiny = await storeImage(shelf.ctx, await plain(3, 1).png().toBuffer());
		assert.deepEqual(await sizeOf(tiny.imageId, { size: '1200', format: 'avif' }), [1, 1, 'avif']);
		assert.deepEqual(await sizeOf(tiny.imageId, { shape: 'full' }), [3, 1, 'jpeg']);
	});

	it('of a square one the squares are all there is', async () => {
		const { imageId } = await storeImage(shelf.ctx, await plain(1500, 1500).png().toBuffer());
		assert.deepEqual(await sizeOf(imageId, { shape: 'full', size: '640' }), [640, 640, 'jpeg']);
		// and the one of 1400 px for podcasts, a jpeg only
		assert.equal((await shelf.stored(imageId)).length, 13);
		assert.deepEqual(await sizeOf(imageId, { size: '1400', format: 'jpeg' }), [1400, 1400, 'jpeg']);
		assert.deepEqual(await sizeOf(imageId, { size: '1400', format: 'avif' }), [1200, 1200, 'avif']);
	});

	it('cuts the middle out of it, and keeps all of it as well', async () => {
		const middle = await plain(200, 200, BLUE).png().toBuffer();
		const bytes = await plain(600, 200)
			.composite([{ input: middle, left: 200, top: 0 }])
			.png()
			.toBuffer();
		const { imageId } = await storeImage(shelf.ctx, bytes);
		for (const format of FORMATS) {
			const square = await shelf.bytes(imageId, { format });
			for (const x of [10, 190]) assert.ok(isClose(await pixelAt(square, x, 100), blue), format);
			const whole = await shelf.bytes(imageId, { format, shape: 'full' });
			assert.ok(isClose(await pixelAt(whole, 10, 100), red), format);
			assert.ok(isClose(await pixelAt(whole, 590, 100), red), format);
		}
	});

	it('serves the format a browser names, and jpeg to whoever names none', async () => {
		const { imageId } = await storeImage(shelf.ctx, await plain(50, 50).png().toBuffer());
		const cases: [string | null, string][] = [
			['image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8', 'image/avif'],
			['image/webp,image/png;q=0.9,*/*;q=0.5', 'image/webp'],
			['image/avif;q=0, IMAGE/WEBP ;q=0.1', 'image/webp'],
			['image/png', 'image/jpeg'],
			['*/*', 'image/jpeg'],
			[null, 'image/jpeg']
		];
		for (const [accept, contentType] of cases) {
			const rendition = await getImageRendition(shelf.ctx, imageId, { accept });
			assert.equal(rendition.contentType, contentType, String(accept));
		}
		const named = await getImageRendition(shelf.ctx, imageId, {
			format: 'jpeg',
			accept: 'image/avif'
		});
		assert.equal(named.contentType, 'image/jpeg');
	});

	it('says which sizes, shapes and formats there are, and when there is no such picture', async () => {
		const { imageId } = await storeImage(shelf.ctx, await plain(64, 64).png().toBuffer());
		for (const request of [{ size: '9999' }, { size: '' }, { shape: 'round' }, { format: 'bmp' }]) {
			const asked = getImageRendition(shelf.ctx, imageId, request);
			await assert.rejects(asked, hasCode(422, 'invalid_field'), JSON.stringify(request));
		}
		for (const id of ['0123456789abcdef', 'x', '../etc']) {
			const asked = getImageRendition(shelf.ctx, id, { size: '320' });
			await assert.rejects(asked, hasCode(404, 'image_not_found'));
		}
	});

	it('an earlier version of the app finds the sizes it knows', async () => {
		for (const edge of [64, 500, 1600]) {
			const { imageId } = await storeImage(shelf.ctx, await plain(edge, edge).png().toBuffer());
			const { renditions } = await shelf.database.db
				.selectFrom('images')
				.select('renditions')
				.where('image_id', '=', imageId)
				.executeTakeFirstOrThrow();
			for (const size of ['320', '1200']) {
				const object = await shelf.ctx.storage.head(renditions[size] ?? '');
				assert.match(object?.key ?? '', /\.webp$/, `${size} of ${edge}`);
			}
		}
	});

	describe('that an earlier version kept', () => {
		const old = async (bytes: Buffer) => {
			const { createHash } = await import('node:crypto');
			const sha256 = createHash('sha256').update(bytes).digest('hex');
			const imageId = sha256.slice(0, 16);
			const renditions: Record<string, string> = {};
			for (const edge of [320, 1200]) {
				const key = `images/${imageId}-${edge}.webp`;
				const webp = await sharp(bytes).resize(edge, edge).webp().toBuffer();
				await shelf.ctx.storage.put(key, webp, { contentType: 'image/webp' });
				renditions[edge] = key;
			}
			await shelf.database.db
				.insertInto('images')
				.values({
					image_id: imageId,
					sha256,
					renditions: JSON.stringify(renditions),
					width_px: 1600,
					height_px: 1300
				})
				.execute();
			return imageId;
		};

		it('is served as it is, whatever is asked for', async () => {
			const imageId = await old(await plain(1600, 1300, BLUE).jpeg().toBuffer());
			const cases: [string, number][] = [
				['96', 320],
				['320', 320],
				['640', 1200],
				['1200', 1200]
			];
			for (const [size, edge] of cases) {
				const request = { size, shape: 'full', format: 'avif' };
				assert.deepEqual(await sizeOf(imageId, request), [edge, edge, 'webp']);
				const { contentType } = await getImageRendition(shelf.ctx, imageId, request);
				assert.equal(contentType, 'image/webp');
			}
		});

		it('is completed when it is given again, and forgets none of its objects', async () => {
			const bytes = await plain(1600, 1300, { r: 9, g: 99, b: 9 }).jpeg().toBuffer();
			const imageId = await old(bytes);
			assert.deepEqual(await storeImage(shelf.ctx, bytes), { imageId });
			assert.deepEqual(await sizeOf(imageId, { size: '96', format: 'avif' }), [96, 96, 'avif']);
			const row = await shelf.database.db
				.selectFrom('images')
				.selectAll()
				.where('image_id', '=', imageId)
				.executeTakeFirstOrThrow();
			assert.equal(row.dominant_color, '#096309');
			assert.deepEqual(imageObjectKeys(row).sort(), await shelf.stored(imageId));
			assert.equal(row.renditions['320'], `images/${imageId}-320.webp`);
		});
	});
});
