import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from 'kysely';
import { getAlbumPage } from '#lib/server/albums/albums.ts';
import { readConfig } from '#lib/server/config.ts';
import { DomainError } from '#lib/server/errors.ts';
import { seedTrack } from '#lib/server/testing/seed-track.ts';
import { seedArtist } from '#lib/server/testing/seeds.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { getArtistPage, openArtist } from './artist-page.ts';
import { refreshArtistIdentity } from './artists.ts';
import { getLikedPage } from './liked-page.ts';
import { artistNumbers } from './number-queries.ts';
import { answerAnalytics, getArtistNumbers } from './numbers.ts';

const alice = 'did:plc:alice';
const bob = 'did:plc:bob';
const config = readConfig({ DATA_DIR: '/nowhere' });
const pdsUrl = 'https://pds.example.org';

const isMissing = (cause: unknown) =>
	cause instanceof DomainError && cause.status === 404 && cause.code === 'artist_not_found';

describe('the page of an artist', () => {
	let database: TestDatabase;
	before(async () => {
		database = await openTestDatabase();
		await seedArtist(database.db, alice, 'Alice');
		await seedArtist(database.db, bob, 'Bob');
	});
	after(() => database.close());

	const numbers = (did = alice) => getArtistNumbers(database, did);
	const change = (id: number, values: Parameters<typeof seedTrack>[3]) =>
		database.db
			.updateTable('tracks')
			.set(values ?? {})
			.where('id', '=', id)
			.execute();
	const at = (address: string) => openArtist(database, null, address);

	it('has numbers that are kept, of the tracks that everybody sees', async () => {
		const { db } = database;
		assert.deepEqual(await numbers(), {
			trackCount: 0,
			playCount: 0,
			mostPlayed: null,
			mostLiked: null
		});
		const first = await seedTrack(db, alice, 'first');
		const second = await seedTrack(db, alice, 'second', { visibility: 'unlisted' });
		await seedTrack(db, bob, 'of bob');
		await change(first, { play_count: 5 });
		await change(second, { play_count: 9 });
		const top = { id: first, title: 'first', count: 5 };
		assert.deepEqual(await numbers(), {
			trackCount: 1,
			playCount: 5,
			mostPlayed: top,
			mostLiked: null
		});
		await change(second, { visibility: 'public' });
		const both = await numbers();
		assert.deepEqual([both.trackCount, both.playCount, both.mostPlayed?.id], [2, 14, second]);
		assert.deepEqual(await answerAnalytics(database, alice), {
			total_plays: 14,
			total_items: 2,
			top_item: { id: second, title: 'second', play_count: 9 },
			top_liked: null
		});
		await change(second, { visibility: 'deleting' });
		await db.deleteFrom('tracks').where('id', '=', second).execute();
		assert.deepEqual((await numbers()).mostPlayed, top);
		const { rows } = await sql<{ did: string }>`
			select did from artist_numbers
			full join (
				select artist_did as did, count(*) as tracks, sum(play_count) as plays from tracks
				where visibility = 'public' group by artist_did
			) counted using (did)
			where track_count is distinct from tracks or play_count is distinct from plays`.execute(db);
		assert.deepEqual(rows, [], 'as if they were counted');
	});

	it('answers zeros to programs for whoever is no artist', async () => {
		const none = { total_plays: 0, total_items: 0, top_item: null, top_liked: null };
		for (const did of ['did:plc:nobody', 'no did', '']) {
			assert.deepEqual(await answerAnalytics(database, did), none);
		}
	});

	it('names the track that is liked most, once anybody likes one', async () => {
		const { db } = database;
		const ids = await Promise.all([1, 2].map((n) => seedTrack(db, bob, `liked ${n}`)));
		assert.equal((await numbers(bob)).mostLiked, null);
		const [first = 0, second = 0] = ids;
		await change(first, { like_count: 3 });
		await change(second, { like_count: 2 });
		const { top_liked: top } = await answerAnalytics(database, bob);
		assert.deepEqual(top, { id: first, title: 'liked 1', play_count: 3 });
		await change(first, { visibility: 'unlisted' });
		assert.equal((await numbers(bob)).mostLiked?.id, second);
		await db.deleteFrom('tracks').where('id', 'in', ids).execute();
	});

	it('lists what they like for everybody as soon as they say so, and for nobody before', async () => {
		const { db } = database;
		const [track, hidden] = await Promise.all([
			seedTrack(db, bob, 'loved'),
			seedTrack(db, bob, 'loved secret', { visibility: 'unlisted' })
		]);
		for (const [n, id] of [track, hidden].entries()) {
			await db
				.insertInto('likes')
				.values({
					did: alice,
					rkey: `like${n}`,
					record_uri: `at://${alice}/fm.plyr.like/like${n}`,
					record_cid: 'cid',
					track_id: id,
					subject_uri: `at://${bob}/fm.plyr.track/${n}`,
					subject_cid: 'cid',
					created_at: new Date()
				})
				.execute();
		}
		const own = { did: alice, handle: 'alice.test', displayName: 'Alice', avatarUrl: null };
		const isHidden = (cause: unknown) =>
			cause instanceof DomainError && cause.code === 'likes_not_shown';
		for (const viewer of [null, own]) {
			await assert.rejects(getLikedPage(database, viewer, 'alice.test', {}), isHidden);
		}
		await db.updateTable('artists').set({ shows_likes: true }).where('did', '=', alice).execute();
		const page = await getLikedPage(database, null, 'alice.test', {});
		assert.ok('tracks' in page);
		assert.deepEqual(
			page.tracks.map(({ id }) => id),
			[track]
		);
		assert.deepEqual(await getLikedPage(database, null, alice, {}), {
			movedTo: '/u/alice.test/liked'
		});
		await db.deleteFrom('tracks').where('id', 'in', [track, hidden]).execute();
	});

	it('keeps the numbers when plays of several tracks end at the same moment', async () => {
		const ids = await Promise.all(
			Array.from({ length: 4 }, (_, n) => seedTrack(database.db, bob, `at once ${n}`))
		);
		const before = await numbers(bob);
		const play = (first: number, second: number) =>
			database.db.transaction().execute(async (trx) => {
				for (const id of [first, second]) {
					await trx
						.updateTable('tracks')
						.set((eb) => ({ play_count: eb('play_count', '+', 1) }))
						.where('id', '=', id)
						.execute();
				}
			});
		const [a = 0, b = 0, c = 0, d = 0] = ids;
		const pairs = [
			[a, b],
			[a, c],
			[a, d],
			[b, c],
			[b, d],
			[c, d]
		] as const;
		await Promise.all([...pairs, ...pairs, ...pairs].map(([one, other]) => play(one, other)));
		assert.equal((await numbers(bob)).playCount, before.playCount + 36);
	});

	it('has one address: a did, other letters and a handle they had before lead to it', async () => {
		assert.deepEqual(await at(alice), { movedTo: '/u/alice.test' });
		assert.deepEqual(await at('Alice.TEST'), { movedTo: '/u/alice.test' });
		await refreshArtistIdentity(database.db, { did: alice, handle: 'new.test', pdsUrl });
		assert.deepEqual(await at('alice.test'), { movedTo: '/u/new.test' });
		assert.deepEqual(await at(alice), { movedTo: '/u/new.test' });
		await refreshArtistIdentity(database.db, { did: alice, handle: 'newer.test', pdsUrl });
		for (const former of ['alice.test', 'new.test']) {
			assert.deepEqual(await at(former), { movedTo: '/u/newer.test' });
		}
		const found = await at('newer.test');
		assert.ok('artist' in found);
		assert.equal(found.artist.did, alice);
		// and back again
		await refreshArtistIdentity(database.db, { did: alice, handle: 'alice.test', pdsUrl });
		assert.ok('artist' in (await at('alice.test')));
		assert.deepEqual(await at('newer.test'), { movedTo: '/u/alice.test' });
	});

	it('takes its albums along to another handle', async () => {
		const { db } = database;
		const album = { artist_did: alice, slug: 'tide', title: 'Tide' };
		const { id } = await db
			.insertInto('albums')
			.values(album)
			.returning('id')
			.executeTakeFirstOrThrow();
		const track = await seedTrack(db, alice, 'of the album', { album_id: id, album_position: 1 });
		const ctx = { ...database, config };
		assert.deepEqual(await getAlbumPage(ctx, null, 'newer.test', 'tide'), {
			movedTo: '/u/alice.test/album/tide'
		});
		const page = await getArtistPage(ctx, null, 'alice.test');
		assert.ok('albums' in page);
		assert.deepEqual(
			page.albums?.map(({ title, trackCount }) => [title, trackCount]),
			[['Tide', 1]]
		);
		await db.deleteFrom('tracks').where('id', '=', track).execute();
	});

	it('belongs to who has the handle now, and the other is found by did', async () => {
		const carol = 'did:plc:carol';
		await seedArtist(database.db, carol, 'Carol');
		// carol was seen with it first; alice has not been asked since
		await refreshArtistIdentity(database.db, { did: carol, handle: 'shared.test', pdsUrl });
		await database.db
			.updateTable('artists')
			.set({ handle: 'shared.test', updated_at: new Date(Date.now() + 60_000) })
			.where('did', '=', alice)
			.execute();
		const shared = await at('shared.test');
		assert.ok('artist' in shared);
		assert.equal(shared.artist.did, alice);
		const other = await at(carol);
		assert.ok('artist' in other, 'it does not lead to somebody else');
		assert.equal(other.artist.did, carol);
		await refreshArtistIdentity(database.db, { did: alice, handle: 'alice.test', pdsUrl });
	});

	it('is at the did for who has no handle that holds', async () => {
		await refreshArtistIdentity(database.db, { did: bob, handle: 'handle.invalid', pdsUrl });
		assert.ok('artist' in (await at(bob)));
		assert.deepEqual(await at('bob.test'), { movedTo: `/u/${bob}` });
		await assert.rejects(at('handle.invalid'), isMissing);
		await refreshArtistIdentity(database.db, { did: bob, handle: 'bob.test', pdsUrl });
		await assert.rejects(at('handle.invalid'), isMissing);
	});

	it('is not there for whoever is no artist, and for what is no name', async () => {
		for (const address of ['nobody.test', 'did:plc:nobody', 'did:', 'a b', '%00', '../x', '\0']) {
			await assert.rejects(at(address), isMissing, address);
		}
	});

	it('lists tracks page by page, and albums on the first one', async () => {
		const first = await getArtistPage({ ...database, config }, null, 'bob.test', { limit: 2 });
		assert.ok('tracks' in first);
		assert.equal(first.tracks.length, 2);
		assert.deepEqual(first.albums, []);
		const cursor = first.nextCursor ?? assert.fail('there is more');
		const second = await getArtistPage({ ...database, config }, null, 'bob.test', { cursor });
		assert.ok('tracks' in second);
		assert.equal(second.albums, null);
		const ids = [...first.tracks, ...second.tracks].map(({ id }) => id);
		assert.equal(new Set(ids).size, 5);
	});

	it('costs the same with ten thousand tracks', async () => {
		await database.sql.unsafe(TEN_THOUSAND).simple();
		const many = await numbers('did:plc:many');
		assert.deepEqual([many.trackCount, many.mostPlayed?.count], [10_000, 9_999]);
		const rows = await artistNumbers(database.db, 'did:plc:many').explain<{
			'QUERY PLAN': string;
		}>('text', sql`analyze`);
		const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
		assert.match(plan, /tracks_most_played/);
		assert.match(plan, /tracks_most_liked/);
		assert.match(plan, /artist_numbers_pkey/);
		assert.doesNotMatch(plan, /Seq Scan|Aggregate|Sort /);
		for (const [, touched] of plan.matchAll(/actual .*?rows=([\d.]+)/g)) {
			assert.ok(Number(touched) <= 1, plan);
		}
	});
});

const TEN_THOUSAND = `
	set statement_timeout = 0;
	insert into artists (did, handle, display_name) values ('did:plc:many', 'many.test', 'Many');
	insert into audio_files (file_id, sha256, storage_key, file_type, content_type, size_bytes)
		select left(md5(n::text), 16), md5(n::text) || md5(n::text), 'audio/many' || n, 'mp3', 'audio/mpeg', 1
		from generate_series(1, 10000) n;
	insert into tracks (artist_did, rkey, record_uri, record_cid, title, file_id, original_file_id,
			play_count, like_count, created_at)
		select 'did:plc:many', n::text, 'at://many/' || n, 'cid', 'a', left(md5(n::text), 16),
			left(md5(n::text), 16), (n * 7919) % 10000, n % 100, now() - make_interval(secs => n)
		from generate_series(1, 10000) n;
	analyze`;
