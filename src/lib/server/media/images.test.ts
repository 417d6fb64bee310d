import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import sharp from 'sharp';
import type { Context } from '#lib/server/context.ts';
import { DomainError } from '#lib/server/errors.ts';
import { createStorage } from '#lib/server/storage/create-storage.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { findImage, getImageRendition, MAX_IMAGE_BYTES, storeImage } from './images.ts';

const red = { r: 255, g: 0, b: 0 };
const blue = { r: 0, g: 0, b: 255 };

const plain = (width: number, height: number, background = red) =>
	sharp({ create: { width, height, channels: 3, background } });

const hasCode = (status: number, code: string) => (cause: unknown) =>
	cause instanceof DomainError && cause.status === status && cause.code === code;

describe('keeping a picture', () => {
	let database: TestDatabase;
	let dir: string;
	let ctx: Context;
	before(async () => {
		database = await openTestDatabase();
		dir = await mkdtemp(path.join(os.tmpdir(), 'plyr-images-'));
		const storage = await createStorage({ backend: 'filesystem', dir });
		// only what keeping a picture uses
		ctx = { db: database.db, storage } as Partial<Context> as Context;
	});
	after(async () => {
		await ctx.storage.close();
		await database.close();
		await rm(dir, { recursive: true, force: true });
	});

	async function rendition(imageId: string, size: string | null) {
		const { storageKey } = await getImageRendition(ctx, imageId, size);
		const chunks: Uint8Array[] = [];
		for await (const chunk of await ctx.storage.read(storageKey)) chunks.push(chunk);
		return Buffer.concat(chunks);
	}

	const colourAt = async (picture: Buffer, x: number, y: number) => {
		const { data, info } = await sharp(picture).raw().toBuffer({ resolveWithObject: true });
		const at = (y * info.width + x) * info.channels;
		return [...data.subarray(at, at + 3)].map((value) => (value > 128 ? 255 : 0));
	};

	for (const format of ['jpeg', 'png', 'webp', 'gif', 'avif'] as const) {
		it(`${format} becomes squares of 320 and 1200 px`, async () => {
			const { imageId } = await storeImage(
				ctx,
				await plain(1600, 1300).toFormat(format).toBuffer()
			);
			for (const edge of [320, 1200]) {
				const {
					width,
					height,
					format: kept
				} = await sharp(await rendition(imageId, String(edge))).metadata();
				assert.deepEqual([width, height, kept], [edge, edge, 'webp']);
			}
			assert.deepEqual(await findImage(ctx, imageId), { imageId, widthPx: 1600, heightPx: 1300 });
		});
	}

	it('turns it upright and keeps nothing it says about itself', async () => {
		// blue on top as stored; the camera was held so that blue is on the right
		const top = await plain(400, 200, blue).png().toBuffer();
		const bytes = await plain(400, 400)
			.composite([{ input: top, top: 0, left: 0 }])
			.jpeg()
			.withExif({ IFD0: { Copyright: 'secret', Orientation: '6' } })
			.withMetadata({ orientation: 6 })
			.toBuffer();
		const { imageId } = await storeImage(ctx, bytes);
		const picture = await rendition(imageId, '320');
		assert.deepEqual(await colourAt(picture, 300, 160), [0, 0, 255]);
		assert.deepEqual(await colourAt(picture, 20, 160), [255, 0, 0]);
		const { exif, icc, orientation, space } = await sharp(picture).metadata();
		assert.deepEqual([exif, icc, orientation, space], [undefined, undefined, undefined, 'srgb']);
		assert.ok(!picture.includes('secret'));
	});

	it('cuts the middle out of it', async () => {
		const middle = await plain(200, 200, blue).png().toBuffer();
		const bytes = await plain(600, 200)
			.composite([{ input: middle, left: 200, top: 0 }])
			.png()
			.toBuffer();
		const picture = await rendition((await storeImage(ctx, bytes)).imageId, '320');
		const { width } = await sharp(picture).metadata();
		assert.equal(width, 200, 'a small one is not enlarged');
		assert.deepEqual(await colourAt(picture, 10, 100), [0, 0, 255]);
		assert.deepEqual(await colourAt(picture, 190, 100), [0, 0, 255]);
	});

	it('knows the same picture again, also when it comes several times at once', async () => {
		const bytes = await plain(500, 500, blue).png().toBuffer();
		const all = await Promise.all(Array.from({ length: 5 }, () => storeImage(ctx, bytes)));
		assert.equal(new Set(all.map((one) => one.imageId)).size, 1);
		const kept: string[] = [];
		for await (const { key } of ctx.storage.list('images/')) kept.push(key);
		assert.equal(kept.filter((key) => key.includes(all[0]?.imageId ?? '-')).length, 2);
	});

	it('refuses what is no picture of ours, by its content', async () => {
		const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
		const tiff = await plain(10, 10).tiff().toBuffer();
		for (const bytes of [svg, tiff, Buffer.from('words'), Buffer.alloc(0)]) {
			await assert.rejects(storeImage(ctx, bytes), hasCode(400, 'unsupported_image'));
		}
	});

	it('refuses what is damaged, too large, or too many pixels in a small file', async () => {
		const whole = await plain(900, 900).png({ compressionLevel: 0 }).toBuffer();
		await assert.rejects(storeImage(ctx, whole.subarray(0, 20_000)), hasCode(400, 'broken_image'));
		const large = Buffer.concat([whole, Buffer.alloc(MAX_IMAGE_BYTES)]);
		await assert.rejects(storeImage(ctx, large), hasCode(413, 'image_too_large'));
		const bomb = await plain(12_000, 12_000).png().toBuffer();
		assert.ok(bomb.length < 2_000_000);
		await assert.rejects(storeImage(ctx, bomb), hasCode(400, 'image_too_many_pixels'));
		// and the next one is fine
		await storeImage(ctx, await plain(50, 50, blue).png().toBuffer());
	});

	it('says which sizes there are, and when there is no such picture', async () => {
		const { imageId } = await storeImage(ctx, await plain(64, 64).png().toBuffer());
		const { storageKey } = await getImageRendition(ctx, imageId, null);
		assert.equal(storageKey, `images/${imageId}-1200.webp`);
		await assert.rejects(getImageRendition(ctx, imageId, '9999'), hasCode(422, 'invalid_field'));
		for (const id of ['0123456789abcdef', 'x', '../etc']) {
			await assert.rejects(getImageRendition(ctx, id, '320'), hasCode(404, 'image_not_found'));
		}
	});
});
