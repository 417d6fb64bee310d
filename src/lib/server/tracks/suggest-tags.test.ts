import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from 'kysely';
import { DomainError } from '#lib/server/errors.ts';
import { seedArtist, seedAudioFile } from '#lib/server/testing/seeds.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { suggestTags } from './suggest-tags.ts';
import { tagsBeginningWith } from './tag-queries.ts';

const alice = 'did:plc:alice';

describe('tags that are offered while one is typed', () => {
	let database: TestDatabase;
	before(async () => {
		database = await openTestDatabase();
		await seedArtist(database.db, alice, 'Alice');
		await seedTrack(['ambient', 'dub techno', 'dub']);
		await seedTrack(['ambient', 'dub techno', 'dub poetry', '100% vinyl']);
		await seedTrack(['ambient', 'dub techno', 'dusty', 'été', '電子音楽', '100 gecs']);
		await seedTrack(['dub', 'dub siren', 'dusk'], 'unlisted');
	});
	after(() => database.close());

	let count = 0;
	async function seedTrack(tags: string[], visibility: 'public' | 'unlisted' = 'public') {
		const { db } = database;
		const rkey = `rkey${(count += 1)}`;
		const fileId = await seedAudioFile(db, rkey);
		const { id } = await db
			.insertInto('tracks')
			.values({
				artist_did: alice,
				rkey,
				record_uri: `at://${alice}/fm.plyr.track/${rkey}`,
				record_cid: rkey,
				title: rkey,
				features: '[]',
				file_id: fileId,
				original_file_id: fileId,
				created_at: new Date(),
				visibility
			})
			.returning('id')
			.executeTakeFirstOrThrow();
		await db
			.insertInto('track_tags')
			.values(tags.map((tag) => ({ track_id: id, tag })))
			.execute();
	}

	const offered = async (typed: string) =>
		(await suggestTags(database, typed)).map(({ tag, uses }) => `${tag} ${uses}`);

	it('are those that begin like it, the most used first, and of equals by the alphabet', async () => {
		assert.deepEqual(await offered('du'), ['dub techno 3', 'dub 1', 'dub poetry 1', 'dusty 1']);
		assert.deepEqual(await offered('techno'), []);
	});

	it('are found however they are written', async () => {
		assert.deepEqual(await offered('  #Dub  TECH'), ['dub techno 3']);
		assert.deepEqual(await offered('E\u0301T'), ['été 1']);
		assert.deepEqual(await offered('電'), ['電子音楽 1']);
	});

	it('take what is typed as it is, also what means something to a database', async () => {
		assert.deepEqual(await offered('100%'), ['100% vinyl 1']);
		assert.deepEqual(await offered('_'), []);
	});

	it('do not give away what only unlisted tracks say', async () => {
		assert.deepEqual(await offered('dub s'), []);
		assert.deepEqual(await offered('dusk'), []);
	});

	it('need something to begin with', async () => {
		for (const typed of ['', ' # ', 'a'.repeat(40)]) {
			await assert.rejects(
				suggestTags(database, typed),
				(cause) => cause instanceof DomainError && cause.status === 422
			);
		}
	});

	it('are at most ten, found by the index among fifty thousand', async () => {
		await database.sql.unsafe(MANY).simple();
		assert.equal((await suggestTags(database, 'word 4')).length, 10);
		const query = tagsBeginningWith(database.db, 'word 412', 10);
		const [answer] = await query.explain('json', sql`analyze`);
		const plan = JSON.stringify(answer);
		assert.match(plan, /"Index Name":"track_tags_tag"/);
		assert.doesNotMatch(plan, /Seq Scan/);
	});
});

/** 1,000 words on 50,000 tracks. */
const MANY = `
	set statement_timeout = 0;
	set session_replication_role = replica;
	insert into audio_files (file_id, sha256, storage_key, file_type, content_type, size_bytes)
		select left(hash, 16), hash, 'audio/' || left(hash, 16) || '.mp3', 'mp3', 'audio/mpeg', 1
		from (select encode(sha256(n::text::bytea), 'hex') as hash from generate_series(1, 50000) n) hashes;
	insert into tracks (artist_did, rkey, record_uri, record_cid, title, file_id, original_file_id, created_at)
		select '${alice}', 'r' || n, 'at://${alice}/fm.plyr.track/r' || n, 'cid', 'song ' || n, file, file, now()
		from (
			select n, left(encode(sha256(n::text::bytea), 'hex'), 16) as file from generate_series(1, 50000) n
		) numbered;
	insert into track_tags (track_id, tag) select id, 'word ' || id % 1000 from tracks;
	set session_replication_role = origin;
	analyze`;
