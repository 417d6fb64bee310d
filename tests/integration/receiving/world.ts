/** A database, a storage and a receiver of a test file, and a look at everything they hold. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { seedArtist } from '#lib/server/testing/seeds.ts';
import { type Receiver, type ReceiverOptions, startReceiver } from './receiver.ts';
import { ALICE, BOB } from './requests.ts';

export interface World extends Receiver {
	database: TestDatabase;
	options: ReceiverOptions;
	/** everything that must be the same after a refusal */
	holdings(): Promise<unknown>;
	/** hash of what is in staging under an id; null: nothing */
	stagedHash(id: string): Promise<string | null>;
	/** makes a track of some bytes, as publishing them would; returns its id */
	publish(artistDid: string, bytes: Uint8Array): Promise<number>;
	/** hash of the published object of some bytes */
	publishedHash(bytes: Uint8Array): Promise<string>;
	/** jobs waiting for an upload */
	jobsOf(id: string): Promise<number>;
	end(): Promise<void>;
}

export const sha256 = (bytes: Uint8Array): string =>
	createHash('sha256').update(bytes).digest('hex');

/** Starts all of it; `maxUploadMb` is small, so that too much is little. */
export async function startWorld(
	maxUploadMb = 8,
	env: Record<string, string> = {}
): Promise<World> {
	const database = await openTestDatabase();
	const storageDir = await mkdtemp(path.join(tmpdir(), 'plyr-receive-'));
	const options = { database: database.address, storageDir, maxUploadMb, env };
	const receiver = await startReceiver(options);
	await seedArtist(database.db, ALICE);
	await seedArtist(database.db, BOB);
	const { storage } = receiver.ctx;
	return {
		...receiver,
		database,
		options,
		async holdings() {
			const counts = await database.sql`select
				(select count(*) from uploads) as uploads,
				(select count(*) from upload_leases) as leases,
				(select count(*) from tracks) as tracks,
				(select count(*) from audio_files) as audio_files,
				(select count(*) from images) as images,
				(select count(*) from pgboss.job) as jobs`;
			const staged = (await Array.fromAsync(storage.staging.list())).map(({ id }) => id).sort();
			const published = (await Array.fromAsync(storage.list(''))).map(({ key }) => key).sort();
			return { ...counts[0], staged, published };
		},
		async stagedHash(id) {
			if ((await storage.staging.size(id)) === null) return null;
			const chunks = await Array.fromAsync(await storage.staging.read(id));
			return sha256(Buffer.concat(chunks));
		},
		async publish(artistDid, bytes) {
			const fileId = sha256(bytes).slice(0, 16);
			const key = `audio/${fileId}.wav`;
			await storage.put(key, bytes, { contentType: 'audio/wav' });
			await database.db
				.insertInto('audio_files')
				.values({
					file_id: fileId,
					sha256: sha256(bytes),
					storage_key: key,
					file_type: 'wav',
					content_type: 'audio/wav',
					size_bytes: bytes.length
				})
				.execute();
			const uri = `at://${artistDid}/fm.plyr.track/${fileId}`;
			const track = await database.db
				.insertInto('tracks')
				.values({
					artist_did: artistDid,
					rkey: fileId,
					record_uri: uri,
					record_cid: 'cid',
					title: 'published before',
					features: '[]',
					file_id: fileId,
					original_file_id: fileId,
					created_at: new Date()
				})
				.returning('id')
				.executeTakeFirstOrThrow();
			return track.id;
		},
		async publishedHash(bytes) {
			const stream = await storage.read(`audio/${sha256(bytes).slice(0, 16)}.wav`);
			return sha256(Buffer.concat(await Array.fromAsync(stream)));
		},
		async jobsOf(id) {
			const rows = await database.sql`
				select 1 from pgboss.job where data ->> 'uploadId' = ${id}`;
			return rows.length;
		},
		async end() {
			await receiver.close();
			await database.close();
			await rm(storageDir, { recursive: true, force: true });
		}
	};
}
