import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type RawBuilder, sql } from 'kysely';
import { signedInSince } from '#lib/server/albums/queries.ts';
import { createLogger } from '#lib/server/log.ts';
import { seedArtist, seedAudioFile } from '#lib/server/testing/seeds.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { forgottenDeletions } from '#lib/server/tracks/deletion-queries.ts';
import { forgottenAlbums } from './album-worker.ts';
import { openJobs } from './jobs.ts';

describe('what is looked for every few seconds', () => {
	let database: TestDatabase;
	before(async () => {
		database = await openTestDatabase();
		const jobs = await openJobs({
			sql: database.sql,
			log: createLogger('error', () => undefined)
		});
		await jobs.close();
		await seedArtist(database.db, 'did:plc:alice');
		const fileId = await seedAudioFile(database.db, 'song', 'mp3', 60_000);
		await database.sql.unsafe(many(fileId)).simple();
	});
	after(() => database.close());

	const planOf = async (query: RawBuilder<unknown>) => {
		const { rows } = await sql<{ 'QUERY PLAN': string }>`explain ${query}`.execute(database.db);
		return rows.map((row) => row['QUERY PLAN']).join('\n');
	};

	it('is found by indexes of its own, however many tracks and albums there are', async () => {
		const deletions = await planOf(forgottenDeletions({ restMs: 1_000 }));
		assert.match(deletions, /tracks_deleting/);
		const albums = await planOf(forgottenAlbums);
		assert.match(albums, /albums_unfinished/);
		assert.match(albums, /albums_deleting/);
		const signedIn = await signedInSince(database.db).explain<{ 'QUERY PLAN': string }>();
		const waiting = signedIn.map((row) => row['QUERY PLAN']).join('\n');
		assert.match(waiting, /albums_waiting/);
		for (const plan of [deletions, albums, waiting]) {
			assert.doesNotMatch(plan, /Seq Scan on (tracks|albums)/, plan);
		}
	});
});

/**
 * Tracks and albums of which hardly any is deleted or waits. Written past the triggers: that they can be
 * found by their words is not wanted here.
 */
const many = (fileId: string) => `
	set statement_timeout = 0;
	set session_replication_role = replica;
	insert into audio_files (file_id, sha256, storage_key, file_type, content_type, size_bytes)
		select left(md5(n::text), 16), md5(n::text) || md5(n::text), 'audio/' || n, 'mp3', 'audio/mpeg', 1
		from generate_series(1, 30000) n;
	insert into tracks (artist_did, rkey, record_uri, record_cid, title, features, file_id, original_file_id, created_at)
		select 'did:plc:alice', n::text, 'at://' || n, 'cid', 'a', '[]', '${fileId}', left(md5(n::text), 16), now()
		from generate_series(1, 30000) n;
	insert into albums (artist_did, slug, title, rkey)
		select 'did:plc:alice', n::text, 'a' || n, n::text from generate_series(1, 30000) n;
	reset session_replication_role;
	analyze`;
