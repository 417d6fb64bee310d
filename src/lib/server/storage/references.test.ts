import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createLogger } from '#lib/server/log.ts';
import { seedArtist, seedAudioFile, seedImage } from '#lib/server/testing/seeds.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { openFilesystemStorage } from './filesystem.ts';
import {
	AUDIO_REFERENCES,
	IMAGE_REFERENCES,
	isAudioReferenced,
	isImageReferenced
} from './references.ts';
import { deleteReleased, releaseAudio, releaseImage } from './release.ts';
import { claimKeys, KeyReleased, usablePrefix } from './released-keys.ts';
import type { Storage } from './storage.ts';
import { sweepObjects, sweepStrayObjects } from './sweep-objects.ts';

const DID = 'did:plc:referrer';
const REASON = { who: DID, why: 'a test' };
const DAY_MS = 24 * 60 * 60 * 1000;
const LONG_AGO = new Date(Date.now() - 3 * DAY_MS);
const MONTHS_AGO = new Date(Date.now() - 100 * DAY_MS);

/** Columns that hold JSON or names and refer to no file. A new one has to be put here, or covered. */
const NO_REFERENCE = new Set([
	'tracks.features',
	'audio_files.tags',
	'images.renditions',
	'track_problems.detail',
	'catalogue_checks.report',
	// what has happened: the things themselves may be gone
	'business_events.fields',
	// tracks by their ids, which may be gone as well
	'queues.state',
	'queues.playhead',
	// what was stated about a file: it may be gone, too
	'rights_statements.sha256',
	// the files themselves
	'audio_files.file_id',
	'audio_files.sha256',
	// what a smaller file was made of: it goes along with that, and keeps nothing
	'smaller_files.of_file_id',
	'images.image_id',
	'images.sha256'
]);

describe('what refers to audio and pictures', () => {
	let database: TestDatabase;
	let storage: Storage;
	let dir: string;
	const log = createLogger('error', () => undefined);
	const world = () => ({ db: database.db, storage, log });

	before(async () => {
		database = await openTestDatabase();
		dir = await mkdtemp(path.join(tmpdir(), 'plyr-references-'));
		storage = await openFilesystemStorage(dir);
		await seedArtist(database.db, DID);
	});
	after(async () => {
		await database.close();
		await rm(dir, { recursive: true, force: true });
	});

	let count = 0;
	const unique = () => `content ${count++}`;

	async function storedAudio(): Promise<{ fileId: string; key: string }> {
		const fileId = await seedAudioFile(database.db, unique());
		const key = `audio/${fileId}.mp3`;
		await storage.put(key, new Uint8Array([1]), { contentType: 'audio/mpeg' });
		return { fileId, key };
	}

	async function storedImage(offeredAt: Date): Promise<{ imageId: string; key: string }> {
		const imageId = await seedImage(database.db, unique());
		const key = `images/${imageId}-320.webp`;
		await storage.put(key, new Uint8Array([1]), { contentType: 'image/webp' });
		await database.db
			.updateTable('images')
			.set({ offered_at: offeredAt })
			.where('image_id', '=', imageId)
			.execute();
		return { imageId, key };
	}

	async function upload(values: Record<string, unknown>): Promise<void> {
		const row = {
			id: crypto.randomUUID(),
			artist_did: DID,
			rkey: String(count++),
			status: 'pending',
			stage: 'stored',
			message: '',
			file_name: 'a.mp3',
			...values
		};
		await database.sql`insert into uploads ${database.sql(row)}`;
	}

	it('is every column the database has for it', async () => {
		const columns = await database.sql<{ name: string; type: string }[]>`
			select table_name || '.' || column_name as name, data_type as type
			from information_schema.columns
			where table_schema = 'public' and table_name not like 'kysely%'`;
		const suspects = columns
			.filter(({ name, type }) => type === 'jsonb' || /(file_id|image_id|sha256)$/.test(name))
			.map(({ name }) => name);
		const foreign = await database.sql<{ name: string }[]>`
			select referring.relname || '.' || attribute.attname as name
			from pg_constraint
			join pg_class referring on referring.oid = conrelid
			join pg_attribute attribute on attribute.attrelid = conrelid and attribute.attnum = any (conkey)
			where contype = 'f' and confrelid in ('audio_files'::regclass, 'images'::regclass)`;
		assert.ok(foreign.length >= 7, 'the foreign keys are found');
		const covered = new Set([...Object.keys(AUDIO_REFERENCES), ...Object.keys(IMAGE_REFERENCES)]);
		const missing = [...suspects, ...foreign.map(({ name }) => name)].filter(
			(name) => !covered.has(name) && !NO_REFERENCE.has(name)
		);
		assert.deepEqual(missing, [], 'cover it in references.ts, or say here why not');
		const names = new Set(columns.map(({ name }) => name));
		assert.deepEqual(
			[...covered].filter((name) => !names.has(name)),
			[],
			'no column of before'
		);
	});

	it('are tracks and their earlier versions, with originals', async () => {
		const [file, original, oldFile, oldOriginal, none] = await Promise.all([
			seedAudioFile(database.db, unique()),
			seedAudioFile(database.db, unique()),
			seedAudioFile(database.db, unique()),
			seedAudioFile(database.db, unique()),
			seedAudioFile(database.db, unique())
		]);
		const imageId = await seedImage(database.db, unique());
		const track = await database.db
			.insertInto('tracks')
			.values({
				artist_did: DID,
				rkey: 'r',
				record_uri: `at://${DID}/x/r`,
				record_cid: 'c',
				title: 't',
				features: '[]',
				file_id: file,
				original_file_id: original,
				image_id: imageId,
				created_at: new Date(),
				// hidden at once, and still referring until it is gone
				visibility: 'deleting'
			})
			.returning('id')
			.executeTakeFirstOrThrow();
		await database.db
			.insertInto('track_revisions')
			.values({ track_id: track.id, file_id: oldFile, original_file_id: oldOriginal })
			.execute();
		for (const id of [file, original, oldFile, oldOriginal]) {
			assert.equal(await isAudioReferenced(database.db, id), true);
		}
		assert.equal(await isAudioReferenced(database.db, none), false);
		assert.equal(await isImageReferenced(database.db, imageId), true);
	});

	it('are artists, albums, drafts and uploads that are under way, with their pictures', async () => {
		const image = () => seedImage(database.db, unique());
		const avatar = await image();
		await database.db.updateTable('artists').set({ avatar_image_id: avatar }).execute();
		const likerAvatar = await image();
		await database.db
			.insertInto('people')
			.values({ did: 'did:plc:listener', avatar_image_id: likerAvatar })
			.execute();
		const cover = await image();
		const coverToBe = await image();
		await database.db
			.insertInto('albums')
			.values({
				artist_did: DID,
				slug: 'a',
				title: 'a',
				image_id: cover,
				kept_change: JSON.stringify({ imageId: coverToBe })
			})
			.execute();
		const draft = await image();
		await database.db
			.insertInto('releases')
			.values({
				id: crypto.randomUUID(),
				artist_did: DID,
				fields: JSON.stringify({ imageId: draft })
			})
			.execute();
		const publishLongAgo = async (imageId: string, releaseAt: Date | null = null) => {
			const id = crypto.randomUUID();
			const fields = JSON.stringify({ imageId });
			await database.db
				.insertInto('releases')
				.values({ id, artist_did: DID, fields, release_at: releaseAt })
				.execute();
			await database.db
				.updateTable('releases')
				.set({ status: 'published', updated_at: MONTHS_AGO })
				.where('id', '=', id)
				.execute();
			return id;
		};
		const scheduled = await image();
		await publishLongAgo(scheduled, new Date(Date.now() + 300 * DAY_MS));
		const parked = await image();
		const releaseId = await publishLongAgo(parked);
		await upload({ status: 'waiting', error_code: 'sign_in_again', release_id: releaseId });
		const opened = await image();
		await publishLongAgo(opened);
		const chosen = await image();
		const found = await image();
		await upload({
			fields: JSON.stringify({ imageId: chosen }),
			findings: JSON.stringify({ coverImageId: found })
		});
		const done = await image();
		await upload({ status: 'completed', fields: JSON.stringify({ imageId: done }) });
		for (const id of [
			avatar,
			likerAvatar,
			cover,
			coverToBe,
			draft,
			scheduled,
			parked,
			chosen,
			found
		]) {
			assert.equal(await isImageReferenced(database.db, id), true);
		}
		for (const id of [opened, done]) assert.equal(await isImageReferenced(database.db, id), false);
	});

	it('are uploads under way by their hash and by what they have stored, and no finished ones', async () => {
		const byHash = await storedAudio();
		const { sha256 } = await database.db
			.selectFrom('audio_files')
			.select('sha256')
			.where('file_id', '=', byHash.fileId)
			.executeTakeFirstOrThrow();
		await upload({ sha256, stage: 'received' });
		assert.equal(await isAudioReferenced(database.db, byHash.fileId), true);
		const cases: [Record<string, unknown>, boolean][] = [
			[{ status: 'processing' }, true],
			[{ status: 'waiting' }, true],
			[{ status: 'failed', error_code: 'record_refused' }, true],
			[{ status: 'failed', error_code: 'duplicate_upload' }, false],
			[{ status: 'completed' }, false]
		];
		for (const [state, expected] of cases) {
			for (const field of ['originalFileId', 'streamFileId']) {
				const { fileId } = await storedAudio();
				await upload({ ...state, findings: JSON.stringify({ [field]: fileId }) });
				const said = JSON.stringify([state, field]);
				assert.equal(await isAudioReferenced(database.db, fileId), expected, said);
			}
		}
	});

	it('keeps an object, and its row and bytes go when there is nothing', async () => {
		const kept = await storedAudio();
		await upload({ findings: JSON.stringify({ streamFileId: kept.fileId }) });
		const gone = await storedAudio();
		const release = (id: string) =>
			database.db.transaction().execute((trx) => releaseAudio(trx, id, REASON));
		assert.deepEqual(await release(kept.fileId), []);
		const keys = await release(gone.fileId);
		assert.deepEqual(keys, [gone.key]);
		assert.ok(await storage.head(gone.key), 'the object goes after the row');
		await deleteReleased(world(), keys);
		assert.equal(await storage.head(gone.key), null);
		assert.ok(await storage.head(kept.key));
	});

	describe('a smaller file', () => {
		const release = (id: string) =>
			database.db.transaction().execute((trx) => releaseAudio(trx, id, REASON));
		const name = (of: string, smaller: string) =>
			database.db
				.insertInto('smaller_files')
				.values({ of_file_id: of, file_id: smaller })
				.execute();
		const rows = async (...ids: string[]) =>
			(
				await database.db
					.selectFrom('audio_files')
					.select('file_id')
					.where('file_id', 'in', ids)
					.execute()
			).length;

		it('stays as long as what it was made of, and goes with it', async () => {
			const large = await storedAudio();
			const smaller = await storedAudio();
			await name(large.fileId, smaller.fileId);
			assert.equal(await isAudioReferenced(database.db, smaller.fileId), true);
			assert.equal(await isAudioReferenced(database.db, large.fileId), false);
			assert.deepEqual(await release(smaller.fileId), []);
			assert.deepEqual(await release(large.fileId), [large.key, smaller.key]);
			assert.equal(await rows(large.fileId, smaller.fileId), 0);
		});

		it('of two files goes with the second of them', async () => {
			const [one, two, smaller] = [await storedAudio(), await storedAudio(), await storedAudio()];
			await name(one.fileId, smaller.fileId);
			await name(two.fileId, smaller.fileId);
			assert.deepEqual(await release(one.fileId), [one.key]);
			assert.deepEqual(await release(two.fileId), [two.key, smaller.key]);
		});

		it('that is somebody’s own upload as well stays', async () => {
			const [large, smaller] = [await storedAudio(), await storedAudio()];
			await name(large.fileId, smaller.fileId);
			await upload({ findings: JSON.stringify({ streamFileId: smaller.fileId }) });
			assert.deepEqual(await release(large.fileId), [large.key]);
			assert.equal(await rows(smaller.fileId), 1);
		});

		it('is swept with it, and the row of one that was never made keeps nothing', async () => {
			const [large, smaller, bare] = [
				await storedAudio(),
				await storedAudio(),
				await storedAudio()
			];
			await name(large.fileId, smaller.fileId);
			await database.db
				.insertInto('smaller_files')
				.values({ of_file_id: bare.fileId, attempts: 3 })
				.execute();
			await database.db
				.updateTable('audio_files')
				.set({ created_at: LONG_AGO })
				.where('file_id', 'in', [large.fileId, smaller.fileId, bare.fileId])
				.execute();
			await sweepObjects(world());
			assert.equal(await rows(large.fileId, smaller.fileId, bare.fileId), 0);
			for (const { key } of [large, smaller, bare]) assert.equal(await storage.head(key), null);
		});
	});

	it('is seen although it is made at the very moment of the deletion', async () => {
		const { fileId, key } = await storedAudio();
		let release: Promise<string[]> | undefined;
		await database.db.transaction().execute(async (trx) => {
			// the other one has decided to use the file, and has not said so yet
			await claimKeys(trx, fileId, [key]);
			release = database.db.transaction().execute((t) => releaseAudio(t, fileId, REASON));
			await new Promise((resolve) => setTimeout(resolve, 100));
			await trx
				.insertInto('uploads')
				.values({
					id: crypto.randomUUID(),
					artist_did: DID,
					rkey: String(count++),
					status: 'processing',
					stage: 'stored',
					message: '',
					file_name: 'a',
					fields: '{}',
					findings: JSON.stringify({ streamFileId: fileId })
				})
				.execute();
		});
		assert.deepEqual(await release, []);
		assert.ok(await storage.head(key));
	});

	it('made a moment after the deletion gets bytes of its own under another key', async () => {
		const { fileId, key } = await storedAudio();
		const keys = await database.db
			.transaction()
			.execute((trx) => releaseAudio(trx, fileId, REASON));
		// somebody found the object before that, and keeps its row now
		await assert.rejects(
			database.db.transaction().execute((trx) => claimKeys(trx, fileId, [key])),
			KeyReleased
		);
		const prefix = await usablePrefix(database.db, (suffix) => `audio/${fileId}${suffix}`);
		assert.equal(prefix, `audio/${fileId}-2`);
		await storage.put(`${prefix}.mp3`, new Uint8Array([1]), { contentType: 'audio/mpeg' });
		await deleteReleased(world(), keys);
		assert.ok(await storage.head(`${prefix}.mp3`), 'the deletion does not meet it');
		assert.equal(await usablePrefix(database.db, (suffix) => `audio/${fileId}${suffix}`), prefix);
	});

	it('and a picture somebody has just given us stays, whoever lets go of it', async () => {
		const fresh = await storedImage(new Date());
		const old = await storedImage(LONG_AGO);
		const release = (id: string) =>
			database.db.transaction().execute((trx) => releaseImage(trx, id, REASON));
		assert.deepEqual(await release(fresh.imageId), []);
		assert.equal((await release(old.imageId)).includes(old.key), true);
	});

	it('is what the sweep asks: nothing younger than a day goes, and what a dead process left goes', async () => {
		const old = await storedAudio();
		const young = await storedAudio();
		const used = await storedAudio();
		await upload({ findings: JSON.stringify({ originalFileId: used.fileId }) });
		await database.db
			.updateTable('audio_files')
			.set({ created_at: LONG_AGO })
			.where('file_id', 'in', [old.fileId, used.fileId])
			.execute();
		const interrupted = await storedAudio();
		await database.db.transaction().execute((trx) => releaseAudio(trx, interrupted.fileId, REASON));
		await database.db
			.updateTable('released_objects')
			.set({ released_at: LONG_AGO })
			.where('storage_key', '=', interrupted.key)
			.execute();
		await sweepObjects(world());
		assert.equal(await storage.head(old.key), null);
		assert.equal(await storage.head(interrupted.key), null);
		assert.ok(await storage.head(young.key));
		assert.ok(await storage.head(used.key));
	});

	it('and objects no row names are removed when they are older than a day', async () => {
		const { utimes } = await import('node:fs/promises');
		const put = async (key: string, modified: Date) => {
			await storage.put(key, new Uint8Array([1]), { contentType: 'audio/mpeg' });
			await utimes(path.join(dir, key), modified, modified);
		};
		const stray = 'audio/00000000000000aa.mp3';
		const strayImage = 'images/00000000000000aa-320.webp';
		const young = 'audio/00000000000000ab.mp3';
		const named = await storedAudio();
		const namedImage = await storedImage(LONG_AGO);
		await put(stray, LONG_AGO);
		await put(strayImage, LONG_AGO);
		await put(named.key, LONG_AGO);
		await put(namedImage.key, LONG_AGO);
		await put(young, new Date());
		assert.equal(await sweepStrayObjects(world()), 2);
		for (const key of [stray, strayImage]) assert.equal(await storage.head(key), null, key);
		for (const key of [young, named.key, namedImage.key]) assert.ok(await storage.head(key), key);
	});
});
