import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLogger } from '#lib/server/log.ts';
import { seedAudioFile } from '#lib/server/testing/seeds.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { openFilesystemStorage } from './filesystem.ts';
import { areObjectsHeld, HoldLost, holdObjects } from './hold.ts';
import { deleteReleased, releaseAudio } from './release.ts';
import type { Storage } from './storage.ts';
import { sweepObjects } from './sweep-objects.ts';

const REASON = { who: 'did:plc:somebody', why: 'a test' };
const AT_ONCE = { unusedMs: 0, releasedMs: 0, deletedMs: 0 };

describe('while somebody holds the stored objects', () => {
	let database: TestDatabase;
	let storage: Storage;
	let dir: string;
	const log = createLogger('error', () => undefined);
	const world = () => ({ db: database.db, storage, log });

	before(async () => {
		database = await openTestDatabase();
		dir = await mkdtemp(path.join(tmpdir(), 'plyr-hold-'));
		storage = await openFilesystemStorage(dir);
	});
	after(async () => {
		await database.close();
		await rm(dir, { recursive: true, force: true });
	});

	/** @returns the key of an object that was just released, and those whose objects are to go */
	async function release(content: string) {
		const fileId = await seedAudioFile(database.db, content);
		const key = `audio/${fileId}.mp3`;
		await storage.put(key, new Uint8Array([1]), { contentType: 'audio/mpeg' });
		const keys = await database.db
			.transaction()
			.execute((trx) => releaseAudio(trx, fileId, REASON));
		assert.deepEqual(keys, [key]);
		return { key, keys };
	}

	it('what is released stays, and goes with the first sweep afterwards', async () => {
		const hold = await holdObjects(database.db);
		const { key, keys } = await release('held');
		assert.equal(await deleteReleased(world(), keys), 0);
		assert.equal((await sweepObjects(world(), undefined, AT_ONCE)).released, 0);
		assert.notEqual(await storage.head(key), null);
		await hold.release();
		assert.equal((await sweepObjects(world(), undefined, AT_ONCE)).released, 1);
		assert.equal(await storage.head(key), null);
	});

	it('others may hold them, too, and the last one counts', async () => {
		const [first, second] = [await holdObjects(database.db), await holdObjects(database.db)];
		await first.release();
		assert.equal(await areObjectsHeld(database.db), true);
		await second.release();
		assert.equal(await areObjectsHeld(database.db), false);
	});

	it('the hold is renewed as long as it is needed', async () => {
		const hold = await holdObjects(database.db, { holdMs: 400, renewedEveryMs: 50 });
		await sleep(900);
		assert.equal(await areObjectsHeld(database.db), true);
		assert.equal(hold.signal.aborted, false);
		await hold.release();
	});

	it('one that died keeps nothing for ever, and one that was too late knows it', async () => {
		const hold = await holdObjects(database.db, { holdMs: 100, renewedEveryMs: 300 });
		await sleep(150);
		assert.equal(await areObjectsHeld(database.db), false);
		const { key, keys } = await release('not held any more');
		assert.equal(await deleteReleased(world(), keys), 1);
		assert.equal(await storage.head(key), null);
		for (let i = 0; i < 100 && !hold.signal.aborted; i++) await sleep(20);
		assert.ok(hold.signal.reason instanceof HoldLost);
		await hold.release();
	});
});
