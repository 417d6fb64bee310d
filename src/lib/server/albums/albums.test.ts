import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Viewer } from '#lib/auth/viewer.ts';
import { readConfig } from '#lib/server/config.ts';
import type { TrackVisibility } from '#lib/server/db/schema.ts';
import { seedArtist, seedAudioFile, seedImage } from '#lib/server/testing/seeds.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { tracksOfAlbum } from '#lib/server/tracks/queries.ts';
import { getAlbumPage, getAlbumToEdit, listOwnAlbums, ownAlbumAt } from './albums.ts';
import { answerAlbum, answerAlbums, answerAlbumsOf } from './albums-api.ts';
import { changeAlbumRow, findAlbumRow, syncIsDone, wantSync } from './queries.ts';
import { albumAt } from './reading-queries.ts';

const did = 'did:plc:alice';
const alice: Viewer = { did, handle: 'alice.test', displayName: 'Alice', avatarUrl: null };
const bob: Viewer = { ...alice, did: 'did:plc:bob', handle: 'bob.test' };
const config = readConfig({ PUBLIC_URL: 'https://plyr.example.org', DATA_DIR: '/nowhere' });

describe('reading albums', () => {
	let database: TestDatabase;
	let ctx: Pick<TestDatabase, 'db'> & { config: typeof config };
	let mixed: string;

	async function album(title: string, slug: string, fields: Record<string, unknown> = {}) {
		const { id } = await database.db
			.insertInto('albums')
			.values({ artist_did: did, title, slug, ...fields })
			.returning('id')
			.executeTakeFirstOrThrow();
		return id;
	}

	async function track(
		albumId: string,
		title: string,
		position: number,
		visibility: TrackVisibility
	) {
		const fileId = await seedAudioFile(database.db, title, 'mp3', 60_000);
		await database.db
			.insertInto('tracks')
			.values({
				artist_did: did,
				rkey: title,
				record_uri: `at://${did}/fm.plyr.track/${title}`,
				record_cid: 'cid',
				title,
				features: '[]',
				file_id: fileId,
				original_file_id: fileId,
				album_id: albumId,
				album_position: position,
				duration_ms: 60_000,
				play_count: 5,
				visibility,
				created_at: new Date()
			})
			.execute();
	}

	before(async () => {
		database = await openTestDatabase();
		ctx = { db: database.db, config };
		await seedArtist(database.db, did, 'Alice');
		await seedArtist(database.db, bob.did, 'Bob');
		const imageId = await seedImage(database.db, 'cover');
		mixed = await album('zebra', 'zebra', { image_id: imageId, year: 2020, description: 'words' });
		await track(mixed, 'second', 20, 'public');
		await track(mixed, 'first', 3, 'public');
		await track(mixed, 'secret', 1, 'unlisted');
		await track(mixed, 'leaving', 2, 'deleting');
		const hidden = await album('Hidden', 'hidden');
		await track(hidden, 'only by address', 1, 'unlisted');
		await album('Empty', 'empty');
		const apple = await album('Apple', 'apple');
		await track(apple, 'seed', 1, 'public');
		const doomed = await album('Doomed', 'doomed', { deletion: 'keep_tracks' });
		await track(doomed, 'doom', 1, 'public');
		await database.db
			.insertInto('album_slugs')
			.values({ artist_did: did, slug: 'giraffe', album_id: mixed })
			.execute();
	});
	after(() => database.close());

	const titlesFor = async (viewer: Viewer | null, slug: string) => {
		const found = await getAlbumPage(ctx, viewer, 'alice.test', slug);
		assert.ok('tracks' in found);
		return [found.album.trackCount, ...found.tracks.map(({ title }) => title)];
	};

	it('shows tracks in the album’s order, and what is unlisted or going only to whom it may concern', async () => {
		assert.deepEqual(await titlesFor(null, 'zebra'), [2, 'first', 'second']);
		assert.deepEqual(await titlesFor(bob, 'zebra'), [2, 'first', 'second']);
		assert.deepEqual(await titlesFor(alice, 'zebra'), [3, 'secret', 'first', 'second']);
		assert.deepEqual(await titlesFor(alice, 'hidden'), [1, 'only by address']);
		assert.deepEqual(await titlesFor(alice, 'empty'), [0]);
	});

	it('knows nothing of albums that are not there, not for this viewer, or being deleted', async () => {
		const missing: [Viewer | null, string, string, string][] = [
			[null, 'alice.test', 'nothing', 'album not found'],
			[null, 'alice.test', 'hidden', 'album not found'],
			[bob, 'alice.test', 'empty', 'album not found'],
			[alice, 'alice.test', 'doomed', 'album not found'],
			[null, 'nobody.test', 'zebra', 'artist not found'],
			[null, 'not a handle', 'zebra', 'artist not found'],
			[null, 'bob.test', 'zebra', 'album not found']
		];
		for (const [viewer, handle, slug, message] of missing) {
			await assert.rejects(getAlbumPage(ctx, viewer, handle, slug), { status: 404, message });
		}
	});

	it('leads from a former address to the present one', async () => {
		const moved = { movedTo: '/u/alice.test/album/zebra' };
		assert.deepEqual(await getAlbumPage(ctx, null, 'ALICE.test', 'giraffe'), moved);
		assert.deepEqual(await getAlbumPage(ctx, null, did, 'giraffe'), moved);
		assert.equal((await ownAlbumAt(ctx, alice, 'alice.test', 'giraffe')).slug, 'zebra');
		await assert.rejects(ownAlbumAt(ctx, bob, 'alice.test', 'giraffe'), { status: 403 });
	});

	it('answers the api in the form its clients know', async () => {
		const [image] = await database.sql<{ image_id: string }[]>`select image_id from images`;
		const zebra = {
			id: mixed,
			title: 'zebra',
			slug: 'zebra',
			track_count: 2,
			total_plays: 10,
			image_url: `https://plyr.example.org/images/${image?.image_id}?size=1200`
		};
		const { albums } = await answerAlbums(ctx);
		assert.deepEqual(
			albums.map(({ title }) => title),
			['Apple', 'zebra']
		);
		assert.deepEqual(albums[1], { ...zebra, artist: 'Alice', artist_handle: 'alice.test' });
		assert.deepEqual((await answerAlbumsOf(ctx, 'alice.test')).albums[1], zebra);
		assert.deepEqual(await answerAlbumsOf(ctx, 'bob.test'), { albums: [], next_cursor: null });
		await assert.rejects(answerAlbumsOf(ctx, 'nobody.test'), { message: 'artist not found' });
		const one = await answerAlbum(ctx, null, 'alice.test', 'zebra');
		assert.ok('metadata' in one);
		assert.deepEqual(one.metadata, {
			...zebra,
			artist: 'Alice',
			artist_handle: 'alice.test',
			artist_did: did,
			description: 'words',
			year: 2020,
			atproto_record_uri: null
		});
		assert.deepEqual(
			one.tracks.map(({ title }) => title),
			['first', 'second']
		);
		const moved = { movedTo: '/api/albums/alice.test/zebra' };
		assert.deepEqual(await answerAlbum(ctx, null, 'alice.test', 'giraffe'), moved);
	});

	it('shows its artist all of them, what waits, and what could be added', async () => {
		const own = await listOwnAlbums(ctx, alice);
		assert.deepEqual(
			own.map(({ title, waiting }) => [title, waiting]),
			[
				['Apple', null],
				['Empty', null],
				['Hidden', null],
				['zebra', null]
			]
		);
		await assert.rejects(listOwnAlbums(ctx, null), { status: 401 });
		const kept_change = JSON.stringify({ title: 'Okapi', year: null });
		const waiting = { kept_change, waiting_code: 'permission_needed', rkey: '3lbk' };
		await database.db.updateTable('albums').set(waiting).where('id', '=', mixed).execute();
		const { album: shown, addable } = await getAlbumToEdit(ctx, alice, mixed);
		assert.deepEqual(
			[shown.title, shown.year, shown.waiting],
			['Okapi', null, 'permission_needed']
		);
		assert.equal(shown.description, 'words');
		assert.equal(addable.find(({ title }) => title === 'seed')?.album, 'Apple');
		assert.ok(!addable.some(({ title }) => title === 'first' || title === 'leaving'));
		const elsewhere = await getAlbumToEdit(ctx, alice, own[0]?.id ?? '');
		assert.ok(
			!elsewhere.addable.some(({ title }) => title === 'first'),
			'what is on another list is not offered'
		);
		const page = await getAlbumPage(ctx, null, 'alice.test', 'zebra');
		assert.ok('album' in page);
		assert.equal(page.album.waiting, null, 'which is nobody else’s business');
		await assert.rejects(getAlbumToEdit(ctx, bob, mixed), { status: 403 });
	});

	it('reads a page by indexes, however many albums and tracks there are', async () => {
		await database.sql.unsafe(MANY).simple();
		const plans = [
			await albumAt(database.db, did, 'many-77', false).explain<{ 'QUERY PLAN': string }>(),
			await tracksOfAlbum(database.db, mixed, ['public']).explain<{ 'QUERY PLAN': string }>()
		];
		const [page = '', list = ''] = plans.map((plan) =>
			plan.map((row) => row['QUERY PLAN']).join('\n')
		);
		assert.match(page, /uq_albums_artist_slug/);
		assert.match(page, /tracks_of_album/);
		assert.match(list, /tracks_of_album/);
		for (const plan of [page, list]) {
			assert.doesNotMatch(plan, /Seq Scan on (?:tracks|albums)/, plan);
		}
	});

	it('a change that was kept for the record is not made a second time, and one kept since is made', async () => {
		const id = await album('Kept', 'kept', { kept_change: JSON.stringify({ year: 1999 }) });
		const keptNow = async () => (await findAlbumRow(database.db, id))?.kept_change;
		const asRead = await findAlbumRow(database.db, id);
		assert.ok(asRead);
		// a track comes while the record is being written
		await wantSync(database.db, id);
		await syncIsDone(database.db, asRead);
		assert.equal(await keptNow(), null);
		await changeAlbumRow(database.db, id, { kept_change: JSON.stringify({ year: 2001 }) });
		await syncIsDone(database.db, asRead);
		assert.deepEqual(await keptNow(), { year: 2001 });
		await syncIsDone(database.db, { ...asRead, kept_change: null });
		assert.deepEqual(await keptNow(), { year: 2001 });
	});
});

/** 2,000 albums of an artist with ten tracks each. */
const MANY = `
	set statement_timeout = 0;
	set session_replication_role = replica;
	alter table tracks drop constraint uq_tracks_artist_original;
	insert into albums (artist_did, slug, title)
		select '${did}', 'many-' || n, 'many ' || n from generate_series(1, 2000) n;
	insert into tracks (artist_did, rkey, record_uri, record_cid, title, file_id, original_file_id,
			album_id, album_position, created_at)
		select '${did}', slug || n, 'at://' || slug || n, 'cid', 'many', file_id, file_id, albums.id, n, now()
		from albums, generate_series(1, 10) n, (select file_id from audio_files limit 1) file
		where slug like 'many-%';
	set session_replication_role = origin;
	analyze`;
