import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { DomainError } from '#lib/server/errors.ts';
import { makeHeic } from '#lib/server/testing/heic-sample.ts';
import {
	BLUE,
	isClose,
	openPictureShelf,
	type PictureShelf,
	pixelAt,
	plain
} from '#lib/server/testing/picture-shelf.ts';
import { MAX_IMAGE_BYTES, storeImage } from './images.ts';

describe('pictures that are not what they should be', () => {
	let shelf: PictureShelf;
	before(async () => (shelf = await openPictureShelf()));
	after(() => shelf.close());

	async function refusal(bytes: Uint8Array): Promise<DomainError> {
		try {
			await storeImage(shelf.ctx, bytes);
		} catch (cause) {
			assert.ok(cause instanceof DomainError, String(cause));
			return cause;
		}
		return assert.fail('it was accepted');
	}

	async function assertRefused(bytes: Uint8Array, code: string, status = 400) {
		const { status: seen, code: seenCode, message, cause } = await refusal(bytes);
		assert.deepEqual([seen, seenCode], [status, code], `${message} ${String(cause)}`);
		assert.deepEqual(await shelf.database.db.selectFrom('images').select('image_id').execute(), []);
	}

	it('svg, bmp, tiff, words and nothing are refused, by their content', async () => {
		const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>';
		const bmp = Buffer.concat([Buffer.from('BM'), Buffer.alloc(200)]);
		const tiff = await plain(10, 10).tiff().toBuffer();
		const mp4 = Buffer.from('\0\0\0\x18ftypisom\0\0\0\0isommp42', 'latin1');
		const all = [Buffer.from(svg), bmp, tiff, mp4, Buffer.from('words'), Buffer.alloc(0)];
		for (const bytes of all) await assertRefused(bytes, 'unsupported_image');
	});

	for (const format of ['jpeg', 'png', 'webp', 'gif', 'avif'] as const) {
		it(`${format} that is cut off anywhere, or only begins like one, is damaged`, async () => {
			const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
			const whole = await sharp({
				create: { width: 300, height: 300, channels: 3, background: 'black', noise }
			})
				.toFormat(format)
				.toBuffer();
			for (const part of [0.1, 0.5, 0.9]) {
				await assertRefused(whole.subarray(0, Math.floor(whole.length * part)), 'broken_image');
			}
			const rubbish = Buffer.concat([whole.subarray(0, 32), Buffer.alloc(2_000, 'rubbish')]);
			await assertRefused(rubbish, 'broken_image');
		});
	}

	it('more than 20 MB are refused before anything looks at them', async () => {
		const jpeg = await plain(10, 10).jpeg().toBuffer();
		const large = Buffer.concat([jpeg, Buffer.alloc(MAX_IMAGE_BYTES - jpeg.length + 1)]);
		await assertRefused(large, 'image_too_large', 413);
	});

	it('gigabytes of pixels in a small file are never unpacked', async () => {
		const bombs = {
			png: pngBomb(24_000, 24_000),
			gif: gifBomb(65_535, 65_535),
			webp: webpBomb(16_383, 16_383),
			avif: await avifBomb(40_000, 40_000)
		};
		const before = process.memoryUsage.rss();
		for (const [format, bytes] of Object.entries(bombs)) {
			assert.ok(bytes.length < 300_000, format);
			await assertRefused(bytes, 'image_too_many_pixels');
		}
		assert.ok(process.memoryUsage.rss() - before < 100_000_000);
	});

	it('heic is kept where it can be read, and otherwise a jpeg is asked for', async () => {
		const heic = await makeHeic();
		const { format, compression, width } = await sharp(heic).metadata();
		assert.deepEqual([format, compression, width], ['heif', 'hevc', 128]);
		const canRead = await sharp(heic)
			.raw()
			.toBuffer()
			.then(() => true)
			.catch(() => false);
		if (canRead) {
			const { imageId } = await storeImage(shelf.ctx, heic);
			assert.equal((await sharp(await shelf.bytes(imageId)).metadata()).width, 128);
			await shelf.database.db.deleteFrom('images').execute();
		} else {
			const { status, code, message } = await refusal(heic);
			assert.deepEqual([status, code], [400, 'heic_unreadable']);
			assert.equal(message, 'heic photos cannot be read here. save it as a jpeg and send that');
		}
		await assertRefused(heic.subarray(0, 60), 'heic_unreadable');
	});

	it('and the next one is fine: several pictures in one jpeg (mpo), and an animation', async () => {
		const blue = Object.values(BLUE);
		const first = await plain(60, 60, BLUE).jpeg().toBuffer();
		const second = await plain(60, 60).jpeg().toBuffer();
		const mpo = Buffer.concat([
			first.subarray(0, 2),
			// the segment that says so, CIPA DC-007
			Buffer.from('\xff\xe2\x00\x10MPF\0II*\0\x08\0\0\0\0\0', 'latin1'),
			first.subarray(2),
			second
		]);
		const kept = await storeImage(shelf.ctx, mpo);
		assert.ok(isClose(await pixelAt(await shelf.bytes(kept.imageId), 30, 30), blue));

		for (const format of ['gif', 'webp'] as const) {
			const frames = [
				await plain(60, 60, BLUE).png().toBuffer(),
				await plain(60, 60).png().toBuffer()
			];
			const animation = await sharp(frames, { join: { animated: true } })
				.toFormat(format)
				.toBuffer();
			assert.equal((await sharp(animation).metadata()).pages, 2);
			const { imageId } = await storeImage(shelf.ctx, animation);
			const picture = await shelf.bytes(imageId, { format: 'webp' });
			const { pages, height } = await sharp(picture).metadata();
			assert.deepEqual([pages ?? 1, height], [1, 60]);
			assert.ok(isClose(await pixelAt(picture, 30, 30), blue), format);
		}
	});
});

/** Black, one bit a pixel: 72 MB of zeros that deflate to a thousandth. */
function pngBomb(width: number, height: number): Buffer {
	const header = Buffer.alloc(13);
	header.writeUInt32BE(width, 0);
	header.writeUInt32BE(height, 4);
	header[8] = 1;
	const chunk = (type: string, content: Uint8Array) => {
		const body = Buffer.concat([Buffer.from(type), content]);
		const frame = Buffer.alloc(8);
		frame.writeUInt32BE(content.length, 0);
		frame.writeUInt32BE(crc32(body), 4);
		return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
	};
	const pixels = deflateSync(Buffer.alloc((width / 8 + 1) * height), { level: 9 });
	return Buffer.concat([
		Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
		chunk('IHDR', header),
		chunk('IDAT', pixels),
		chunk('IEND', Buffer.alloc(0))
	]);
}

function gifBomb(width: number, height: number): Buffer {
	const edges = Buffer.alloc(4);
	edges.writeUInt16LE(width, 0);
	edges.writeUInt16LE(height, 2);
	return Buffer.concat([
		Buffer.from('GIF89a'),
		edges,
		Buffer.from([0x80, 0, 0, 0, 0, 0, 255, 255, 255]),
		Buffer.from([0x2c, 0, 0, 0, 0]),
		edges,
		Buffer.from([0, 2, 2, 0x4c, 0x01, 0, 0x3b])
	]);
}

/** A lossless webp whose head promises the most there can be (RFC 9649 §3.4). */
function webpBomb(width: number, height: number): Buffer {
	const content = Buffer.alloc(64);
	content[0] = 0x2f;
	content.writeUInt32LE(((width - 1) | ((height - 1) << 14)) >>> 0, 1);
	const sizes = Buffer.alloc(8);
	sizes.writeUInt32LE(content.length + 12, 0);
	sizes.writeUInt32LE(content.length, 4);
	return Buffer.concat([
		Buffer.from('RIFF'),
		sizes.subarray(0, 4),
		Buffer.from('WEBPVP8L'),
		sizes.subarray(4),
		content
	]);
}

/** A small picture that says it is a large one. */
async function avifBomb(width: number, height: number): Promise<Buffer> {
	const bytes = await plain(64, 64).avif({ effort: 0 }).toBuffer();
	const extent = bytes.indexOf('ispe') + 8;
	bytes.writeUInt32BE(width, extent);
	bytes.writeUInt32BE(height, extent + 4);
	return bytes;
}
