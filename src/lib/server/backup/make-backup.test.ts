import assert from 'node:assert/strict';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { readConfig } from '#lib/server/config.ts';
import { createLogger } from '#lib/server/log.ts';
import { openFilesystemStorage } from '#lib/server/storage/filesystem.ts';
import { deleteReleased, releaseAudio } from '#lib/server/storage/release.ts';
import type { Storage } from '#lib/server/storage/storage.ts';
import { sweepObjects } from '#lib/server/storage/sweep-objects.ts';
import { seedArtist, seedAudioFile } from '#lib/server/testing/seeds.ts';
import { seedTrack } from '#lib/server/testing/seed-track.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { makeBackup } from './make-backup.ts';
import { readManifest } from './manifest.ts';
import { type BackupPlace, openPlace } from './place.ts';
import { verifyBackup } from './verify-backup.ts';

const DID = 'did:plc:somebody';
const REASON = { who: DID, why: 'a test' };
const log = createLogger('error', () => undefined);

/** The same, but for some of its methods. */
const changedIn = <T extends object>(target: T, changes: Partial<T>): T =>
	new Proxy(target, {
		get(_, name) {
			const value: unknown = Reflect.get(name in changes ? changes : target, name);
			return typeof value === 'function' ? (value.bind(target) as unknown) : value;
		}
	});

describe('what happens while a backup is made', () => {
	let database: TestDatabase;
	let dir: string;
	let storage: Storage;
	let place: BackupPlace;
	const signal = new AbortController().signal;
	const world = () => ({ db: database.db, storage, log });

	before(async () => {
		database = await openTestDatabase();
		await seedArtist(database.db, DID);
	});
	after(() => database.close());
	beforeEach(async (t) => {
		await database.sql`truncate tracks, audio_files, uploads, released_objects cascade`;
		dir = await mkdtemp(path.join(tmpdir(), 'plyr-made-'));
		storage = await openFilesystemStorage(path.join(dir, 'storage'));
		place = await openPlace(path.join(dir, 'place'), config(), true);
		(t as { after(act: () => unknown): void }).after(() =>
			rm(dir, { recursive: true, force: true })
		);
	});

	const config = () =>
		readConfig({ DATA_DIR: dir, STORAGE_DIR: path.join(dir, 'storage'), ROLES: 'web' });

	const make = (changed: Partial<Storage> = {}) =>
		makeBackup(
			{
				config: config(),
				address: database.address,
				db: database.db,
				storage: changedIn(storage, changed),
				secrets: { encryptionKeys: [randomBytes(32)], clientKeys: [] }
			},
			place,
			{ hasKeys: false, signal, onProgress: () => undefined }
		);

	const verified = async () => {
		const manifest = await readManifest(place);
		const { problems } = await verifyBackup(place, manifest, {
			signal,
			onProgress: () => undefined
		});
		assert.deepEqual(problems, []);
		return manifest;
	};

	async function seedStored(
		title: string
	): Promise<{ trackId: number; fileId: string; key: string }> {
		const trackId = await seedTrack(database.db, DID, title);
		const content = `${DID} ${title}`;
		const fileId = createHash('sha256').update(content).digest('hex').slice(0, 16);
		const key = `audio/${fileId}.mp3`;
		await storage.put(key, Buffer.from(content), { contentType: 'audio/mpeg' });
		return { trackId, fileId, key };
	}

	it('a track that is deleted after its moment is in it, with its bytes, and goes afterwards', async () => {
		const tracks = await Promise.all(['one', 'two', 'three', 'four', 'five'].map(seedStored));
		let isFirst = true;
		const { manifest, counts } = await make({
			async read(key, options) {
				if (isFirst) {
					isFirst = false;
					for (const { trackId, fileId } of tracks) {
						const keys = await database.db.transaction().execute(async (trx) => {
							await trx.deleteFrom('tracks').where('id', '=', trackId).execute();
							return await releaseAudio(trx, fileId, REASON);
						});
						await deleteReleased(world(), keys);
					}
					await sweepObjects(world(), signal, { unusedMs: 0, releasedMs: 0, deletedMs: 0 });
				}
				return await storage.read(key, options);
			}
		});
		assert.deepEqual([counts.objects, counts.missing], [5, 0]);
		assert.equal(manifest.database.tables.find(({ name }) => name === 'tracks')?.rows, 5);
		await verified();
		await sweepObjects(world(), signal, { unusedMs: 0, releasedMs: 0, deletedMs: 0 });
		for (const { key } of tracks) assert.equal(await storage.head(key), null);
	});

	it('an upload that is published after its moment is in it as one that is not', async () => {
		const bytes = randomBytes(5_000);
		const sha256 = createHash('sha256').update(bytes).digest('hex');
		const [published, taken] = [randomUUID(), randomUUID()];
		for (const id of [published, taken]) {
			await database.db
				.insertInto('uploads')
				.values({
					id,
					artist_did: DID,
					rkey: id,
					status: 'processing',
					stage: 'received',
					message: 'on its way',
					file_name: 'a.mp3',
					fields: '{}',
					findings: '{}',
					size_bytes: bytes.byteLength,
					sha256: id === published ? sha256 : createHash('sha256').update(id).digest('hex')
				})
				.execute();
			await storage.staging.append(id, 0, bytes);
		}
		const staging = changedIn(storage.staging, {
			async read(id, options) {
				// its job ends in this moment; the other one is taken back by its artist
				if (id === published) {
					const fileId = await seedAudioFile(database.db, 'published');
					await database.sql`update audio_files set sha256 = ${sha256}, file_id = left(${sha256}, 16),
						size_bytes = ${bytes.byteLength} where file_id = ${fileId}`;
					const key = `audio/${fileId}.mp3`;
					await storage.put(key, bytes, { contentType: 'audio/mpeg' });
				}
				await storage.staging.discard(id);
				return await storage.staging.read(id, options);
			}
		});
		const { counts } = await make({ staging });
		assert.deepEqual([counts.objects, counts.missing, counts.damaged], [1, 0, 0]);
		const { objects } = await verified();
		assert.equal(objects.count, 1);
	});

	it('an object that is lost or damaged is counted, and does not end it', async () => {
		const [lost, damaged] = [await seedStored('lost'), await seedStored('damaged')];
		await seedStored('whole');
		await storage.delete(lost.key);
		await storage.put(damaged.key, Buffer.from('something else'), { contentType: 'audio/mpeg' });
		const { counts } = await make();
		assert.deepEqual([counts.objects, counts.missing, counts.damaged], [3, 1, 1]);
		await verified();
	});

	it('a damaged object is whole in it when a backup before has it', async () => {
		const { key } = await seedStored('whole at first');
		await make();
		await storage.put(key, Buffer.from('something else'), { contentType: 'audio/mpeg' });
		const { counts } = await make();
		assert.deepEqual([counts.copied, counts.damaged], [0, 0]);
		await verified();
	});

	it('two at once are two, of which each is whole', async () => {
		await Promise.all(['one', 'two', 'three'].map(seedStored));
		const made = await Promise.all([make(), make()]);
		assert.notEqual(made[0].manifest.id, made[1].manifest.id);
		for (const { manifest } of made) {
			const { problems } = await verifyBackup(place, manifest, {
				signal,
				onProgress: () => undefined
			});
			assert.deepEqual(problems, []);
		}
	});
});
