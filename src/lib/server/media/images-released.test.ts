import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createLogger } from '#lib/server/log.ts';
import { deleteReleased, releaseImage } from '#lib/server/storage/release.ts';
import { openPictureShelf, type PictureShelf, plain } from '#lib/server/testing/picture-shelf.ts';
import { findImage, storeImage } from './images.ts';

const reason = { who: 'did:plc:alice', why: 'a test' };

describe('a picture that is given again while it is being deleted', () => {
	let shelf: PictureShelf;
	const log = createLogger('error', () => undefined);
	before(async () => (shelf = await openPictureShelf()));
	after(() => shelf.close());

	/** Nobody has offered it for longer than a day. */
	const forget = (imageId: string) =>
		shelf.database.db
			.updateTable('images')
			.set({ offered_at: new Date(0) })
			.where('image_id', '=', imageId)
			.execute();
	const release = (imageId: string) =>
		shelf.database.db.transaction().execute((trx) => releaseImage(trx, imageId, reason));

	it('stays when it was offered before the decision', async () => {
		const bytes = await plain(40, 40).png().toBuffer();
		const { imageId } = await storeImage(shelf.ctx, bytes);
		await forget(imageId);
		await storeImage(shelf.ctx, bytes);
		assert.deepEqual(await release(imageId), []);
		assert.ok(await findImage(shelf.ctx, imageId));
	});

	it('is stored under other keys when it comes after the decision, before its objects are gone', async () => {
		const bytes = await plain(41, 41).png().toBuffer();
		const { imageId } = await storeImage(shelf.ctx, bytes);
		await forget(imageId);
		const keys = await release(imageId);
		assert.deepEqual([...keys].sort(), await shelf.stored(imageId));
		await storeImage(shelf.ctx, bytes);
		await deleteReleased({ ...shelf.ctx, log }, keys);
		assert.equal((await shelf.stored(imageId)).length, keys.length);
		for (const format of ['avif', 'webp', 'jpeg']) {
			assert.ok((await shelf.bytes(imageId, { format })).length > 0);
		}
	});

	it('is stored again when the decision falls while it is stored', async () => {
		const bytes = await plain(42, 42).png().toBuffer();
		const { imageId } = await storeImage(shelf.ctx, bytes);
		await shelf.database.db.deleteFrom('images').where('image_id', '=', imageId).execute();
		const { storage } = shelf.ctx;
		const released = await shelf.stored(imageId);
		let isDecided = false;
		const watched = Object.create(storage) as typeof storage;
		watched.put = async (key, source, options) => {
			if (!isDecided) {
				isDecided = true;
				await shelf.database.db
					.insertInto('released_objects')
					.values(released.map((storage_key) => ({ storage_key, ...reason })))
					.execute();
			}
			return await storage.put(key, source, options);
		};
		await storeImage({ ...shelf.ctx, storage: watched }, bytes);
		await deleteReleased({ ...shelf.ctx, log }, released);
		assert.ok((await shelf.bytes(imageId)).length > 0);
		assert.ok(released.length > 0);
	});
});
