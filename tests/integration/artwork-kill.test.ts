import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { findImage, storeImage } from '#lib/server/media/images.ts';
import { imageObjectKeys } from '#lib/server/media/renditions.ts';
import { openPictureShelf, type PictureShelf, plain } from '#lib/server/testing/picture-shelf.ts';

/** More than there are. */
const ALL = 1_000;

describe('the same picture, brought by several at once and by some that are killed', () => {
	let shelf: PictureShelf;
	before(async () => (shelf = await openPictureShelf()));
	after(() => shelf.close());

	async function picture(shade: number) {
		const bytes = await plain(1300, 1000, { r: shade, g: 20, b: 90 }).png().toBuffer();
		const file = path.join(shelf.dir, `${shade}.png`);
		await writeFile(file, bytes);
		const imageId = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
		return { bytes, file, imageId };
	}

	/** Another process that keeps it. @returns what it says, line by line */
	function keeper(file: string, objects = ALL) {
		const script = path.resolve(import.meta.dirname, 'artwork-keeper.ts');
		const address = JSON.stringify(shelf.database.address);
		const child = spawn(process.execPath, [script, address, shelf.dir, file, String(objects)], {
			stdio: ['ignore', 'pipe', 'inherit']
		});
		return { child, lines: createInterface({ input: child.stdout }) };
	}

	async function kill(child: ChildProcess): Promise<void> {
		const gone = once(child, 'exit');
		child.kill('SIGKILL');
		await gone;
	}

	async function assertWhole(imageId: string): Promise<void> {
		const rows = await shelf.database.db
			.selectFrom('images')
			.selectAll()
			.where('image_id', '=', imageId)
			.execute();
		assert.equal(rows.length, 1);
		const [row] = rows;
		assert.ok(row);
		assert.deepEqual(imageObjectKeys(row).sort(), await shelf.stored(imageId));
		for (const format of ['avif', 'webp', 'jpeg']) {
			for (const shape of ['square', 'full']) {
				assert.ok((await shelf.bytes(imageId, { format, shape })).length > 0);
			}
		}
	}

	it('is kept once when five ask in one process', async () => {
		const { bytes, imageId } = await picture(1);
		const all = await Promise.all(Array.from({ length: 5 }, () => storeImage(shelf.ctx, bytes)));
		assert.deepEqual(all, Array(5).fill({ imageId }));
		await assertWhole(imageId);
	});

	it('stores nothing and deletes nothing when it comes again', async () => {
		const { bytes, imageId } = await picture(1);
		const objects = async () => {
			const found: unknown[] = [];
			for await (const object of shelf.ctx.storage.list('images/')) found.push(object);
			return found;
		};
		const before = await objects();
		const row = await findImage(shelf.ctx, imageId);
		await storeImage(shelf.ctx, bytes);
		assert.deepEqual(await objects(), before);
		assert.deepEqual(await findImage(shelf.ctx, imageId), row);
	});

	for (const stored of [0, 7, 17]) {
		it(`is not there when the process is killed after ${stored} of 18 objects, and whole after the next try`, async () => {
			const { bytes, file, imageId } = await picture(10 + stored);
			const { child, lines } = keeper(file, stored);
			if (stored > 0) {
				for await (const line of lines) if (line === `stored ${stored}`) break;
			}
			await kill(child);
			assert.equal(await findImage(shelf.ctx, imageId), null);
			await storeImage(shelf.ctx, bytes);
			await assertWhole(imageId);
		});
	}

	it('is whole when two processes and this one bring it, and one of them is killed', async () => {
		const { bytes, file, imageId } = await picture(200);
		const dying = keeper(file, 5);
		const living = keeper(file);
		const lives = once(living.child, 'exit');
		const kept = storeImage(shelf.ctx, bytes);
		for await (const line of dying.lines) if (line === 'stored 5') break;
		await kill(dying.child);
		const [code] = (await lives) as [number];
		assert.equal(code, 0);
		assert.deepEqual(await kept, { imageId });
		await assertWhole(imageId);
	});

	it('is not there while an object could not be stored', async () => {
		const { bytes, imageId } = await picture(201);
		const { storage } = shelf.ctx;
		let puts = 0;
		const broken = Object.create(storage) as typeof storage;
		broken.put = async (key, source, options) => {
			if ((puts += 1) === 9) throw new Error('the disk is full');
			return await storage.put(key, source, options);
		};
		await assert.rejects(storeImage({ ...shelf.ctx, storage: broken }, bytes), /disk is full/);
		assert.equal(await findImage(shelf.ctx, imageId), null);
		await storeImage(shelf.ctx, bytes);
		await assertWhole(imageId);
	});
});
