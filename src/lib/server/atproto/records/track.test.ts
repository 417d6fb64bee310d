import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { seedArtist, seedAudioFile, seedImage } from '#lib/server/testing/seeds.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { markDeleting } from '#lib/server/tracks/deletion-queries.ts';
import type { RecordSite } from './record-site.ts';
import * as trackRecord from './track.ts';

const site: RecordSite = {
	publicUrl: 'https://plyr.example.org',
	trackCollection: 'fm.plyr.dev.track',
	likeCollection: 'fm.plyr.dev.like',
	listCollection: 'fm.plyr.dev.list'
};
const alice = 'did:plc:alice';

let database: TestDatabase;
let fileId: string;

const record = (fields: Record<string, unknown> = {}) => ({
	$type: 'fm.plyr.dev.track',
	title: 'a song',
	artist: 'Alice',
	fileType: 'mp3',
	createdAt: '2026-11-22T18:00:00.000Z',
	audioUrl: `https://plyr.example.org/audio/${fileId}`,
	...fields
});

const event = (fields: Partial<trackRecord.TrackWritten> = {}): trackRecord.TrackWritten => ({
	did: alice,
	rkey: '3lbk2aaaaaa2a',
	cid: 'bafycid1',
	rev: '3lbk2bbbbbb2b',
	record: record(),
	...fields
});

const index = (written: trackRecord.TrackWritten) =>
	database.db.transaction().execute((trx) => trackRecord.index(trx, site, written));
const remove = (rkey: string, rev: string | null) =>
	database.db
		.transaction()
		.execute((trx) => trackRecord.remove(trx, site, { did: alice, rkey, rev }));
const tracks = () => database.db.selectFrom('tracks').selectAll().orderBy('id').execute();

describe('a track record enters the index by one door', () => {
	before(async () => {
		database = await openTestDatabase();
	});
	after(() => database.close());
	beforeEach(async () => {
		await database.sql`truncate artists, audio_files, images, record_tombstones cascade`;
		await seedArtist(database.db, alice, 'Alice');
		fileId = await seedAudioFile(database.db, 'song', 'mp3', 61_234);
	});

	it('with everything it says, and what we measured of its audio', async () => {
		const imageId = await seedImage(database.db, 'cover');
		await index(
			event({
				record: record({
					album: 'First',
					description: 'notes',
					features: [{ did: 'did:plc:bob', handle: 'bob.test', displayName: 'Bob' }],
					imageUrl: `https://plyr.example.org/images/${imageId}`,
					duration: 61
				})
			})
		);
		const [track] = await tracks();
		assert.ok(track);
		assert.equal(track.record_uri, `at://${alice}/fm.plyr.dev.track/3lbk2aaaaaa2a`);
		assert.equal(track.title, 'a song');
		assert.equal(track.description, 'notes');
		assert.equal(track.duration_ms, 61_234);
		assert.equal(track.image_id, imageId);
		assert.equal(track.file_id, fileId);
		assert.equal(track.original_file_id, fileId);
		assert.deepEqual(track.created_at, new Date('2026-11-22T18:00:00.000Z'));
		assert.deepEqual(track.features, [
			{ did: 'did:plc:bob', handle: 'bob.test', displayName: 'Bob' }
		]);
		const album = await database.db.selectFrom('albums').selectAll().executeTakeFirstOrThrow();
		assert.deepEqual([album.slug, album.title, album.image_id], ['first', 'First', imageId]);
		assert.deepEqual([track.album_id, track.album_position], [album.id, 1]);
	});

	it('with its tags in the one form they are found in, and without those it has no more', async () => {
		const tags = () => database.db.selectFrom('track_tags').select('tag').orderBy('tag').execute();
		await index(
			event({ record: record({ tags: ['#Dub  Techno', 'dub techno', 'Ambient', ' '] }) })
		);
		assert.deepEqual(await tags(), [{ tag: 'ambient' }, { tag: 'dub techno' }]);
		const later = { rev: '3lbk2ccccccc2', record: record({ tags: ['ambient'] }) };
		await index(event(later));
		assert.deepEqual(await tags(), [{ tag: 'ambient' }]);
		await index(event({ ...later, record: record() }));
		assert.deepEqual(await tags(), []);
	});

	it('once, however often the event arrives', async () => {
		const first = await index(event());
		assert.deepEqual(await index(event()), first);
		assert.deepEqual(await index(event({ rev: null })), first);
		const rows = await tracks();
		assert.equal(rows.length, 1);
		assert.equal(rows[0]?.record_rev, '3lbk2bbbbbb2b', 'the revision is not forgotten');
	});

	it('and stays hidden when its deletion begins at that very moment', async () => {
		const indexed = await index(event());
		assert.ok('trackId' in indexed);
		let entered: Promise<unknown> | undefined;
		await database.db.transaction().execute(async (trx) => {
			await markDeleting(trx, indexed.trackId);
			entered = index(event({ rev: '3lbk2ccccccc2', record: record({ title: 'edited' }) }));
			const isWaiting = async () => {
				const [waiting] = await database.sql`
					select 1 from pg_locks where not granted and locktype = 'transactionid'`;
				return waiting !== undefined;
			};
			while (!(await isWaiting())) await sleep(10);
		});
		await entered;
		const [track] = await tracks();
		assert.deepEqual([track?.title, track?.visibility], ['edited', 'deleting']);
	});

	it('once, when two processes get the event at the same moment', async () => {
		const all = await Promise.all(Array.from({ length: 8 }, () => index(event())));
		assert.equal(new Set(all.map((one) => JSON.stringify(one))).size, 1);
		assert.equal((await tracks()).length, 1);
	});

	it('in its newest version, whatever the order events arrive in', async () => {
		await index(event({ rev: '3lbk2ccccccc2', record: record({ title: 'newer' }) }));
		const late = await index(event({ rev: '3lbk2bbbbbb2b', record: record({ title: 'older' }) }));
		assert.deepEqual(late, { ignored: 'stale' });
		assert.equal((await tracks())[0]?.title, 'newer');
	});

	it('not again after its deletion, by an event from before it', async () => {
		await index(event());
		assert.equal(await remove('3lbk2aaaaaa2a', '3lbk2ccccccc2'), true);
		assert.deepEqual(await index(event()), { ignored: 'deleted' });
		assert.deepEqual(await index(event({ rev: null })), { ignored: 'deleted' });
		assert.equal((await tracks()).length, 0);
	});

	it('not at all when its deletion arrives first', async () => {
		assert.equal(await remove('3lbk2aaaaaa2a', '3lbk2ccccccc2'), false);
		assert.deepEqual(await index(event()), { ignored: 'deleted' });
	});

	it('either deleted or older, when both happen at the same moment', async () => {
		for (let round = 0; round < 10; round++) {
			const rkey = `3lbk2aaaaaa${round}a`;
			await Promise.all([
				index(event({ rkey, rev: '3lbk2bbbbbb2b' })),
				remove(rkey, '3lbk2ccccccc2')
			]);
			assert.equal((await tracks()).length, 0, `round ${round}`);
		}
	});

	it('again when the artist wrote it anew after deleting it', async () => {
		await index(event());
		await remove('3lbk2aaaaaa2a', '3lbk2ccccccc2');
		assert.ok('trackId' in (await index(event({ rev: '3lbk2dddddd2d' }))));
		assert.equal((await tracks()).length, 1);
	});

	it('and stays when an event of an older deletion comes late', async () => {
		await index(event({ rev: '3lbk2dddddd2d' }));
		assert.equal(await remove('3lbk2aaaaaa2a', '3lbk2ccccccc2'), false);
		assert.equal((await tracks()).length, 1);
	});

	it('only when it points to audio of ours', async () => {
		for (const audioUrl of [
			undefined,
			'https://elsewhere.example.org/audio/0123456789abcdef',
			'https://plyr.example.org/audio/0123456789abcdef',
			`https://plyr.example.org.evil.test/audio/${fileId}`,
			`https://plyr.example.org/audio/${fileId}/../x`
		]) {
			const result = await index(event({ record: record({ audioUrl }) }));
			assert.deepEqual(result, { ignored: 'no_audio' }, String(audioUrl));
		}
	});

	it('only of somebody with a profile here', async () => {
		const result = await index(event({ did: 'did:plc:nobody' }));
		assert.deepEqual(result, { ignored: 'unknown_artist' });
	});

	it('only when it fits the lexicon', async () => {
		await assert.rejects(index(event({ record: record({ title: '' }) })), /title/);
		await assert.rejects(index(event({ record: record({ $type: 'fm.plyr.track' }) })), /\$type/);
		await assert.rejects(index(event({ record: 'x' })), /no object/);
	});

	it('with a picture in the repository itself, in the form blobs travel in', async () => {
		const audioBlob = {
			$type: 'blob',
			ref: { $link: 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku' },
			mimeType: 'audio/mpeg',
			size: 3
		};
		assert.ok('trackId' in (await index(event({ record: record({ audioBlob }) }))));
	});

	it('once per audio of an artist, while another artist may have the same', async () => {
		await index(event());
		assert.deepEqual(await index(event({ rkey: '3lbk2aaaaaa2z' })), {
			ignored: 'duplicate_audio'
		});
		await seedArtist(database.db, 'did:plc:bob');
		assert.ok('trackId' in (await index(event({ did: 'did:plc:bob' }))));
	});

	it('and keeps which file was given to us, which the record does not tell', async () => {
		const originalFileId = await seedAudioFile(database.db, 'the aiff', 'aiff');
		await index(event({ originalFileId }));
		await index(event({ rev: '3lbk2dddddd2d', record: record({ title: 'edited elsewhere' }) }));
		const [track] = await tracks();
		assert.ok(track);
		assert.equal(track.original_file_id, originalFileId);
		assert.equal(track.title, 'edited elsewhere');
	});

	/** New audio of ours, as its upload enters it after something newer: its worker died in between. */
	async function enterLate(newer: Record<string, unknown>) {
		const [streamed, given] = [
			await seedAudioFile(database.db, 'the mp3 of the aiff', 'mp3'),
			await seedAudioFile(database.db, 'the aiff', 'aiff')
		];
		const audioUrl = `https://plyr.example.org/audio/${streamed}`;
		await index(event());
		await index(event({ rev: '3lbk2dddddd2d', record: record({ audioUrl, ...newer }) }));
		const late = event({
			rev: '3lbk2cccccc2c',
			record: record({ audioUrl }),
			originalFileId: given
		});
		assert.deepEqual(await index(late), { ignored: 'stale' });
		await index(late);
		const [track] = await tracks();
		const revisions = await database.db
			.selectFrom('track_revisions')
			.select(['file_id', 'original_file_id'])
			.execute();
		return { streamed, given, track, revisions };
	}

	it('and which file was given to us when a newer version was heard of first', async () => {
		const { streamed, given, track, revisions } = await enterLate({ title: 'edited' });
		assert.deepEqual([track?.title, track?.file_id], ['edited', streamed]);
		assert.equal(track?.original_file_id, given);
		assert.deepEqual(revisions, [{ file_id: fileId, original_file_id: fileId }]);
	});

	it('and keeps audio that was replaced again before it was heard of', async () => {
		const audioUrl = `https://plyr.example.org/audio/${fileId}`;
		const { streamed, given, track, revisions } = await enterLate({ audioUrl });
		assert.deepEqual([track?.file_id, track?.original_file_id], [fileId, fileId]);
		assert.deepEqual(revisions, [{ file_id: streamed, original_file_id: given }]);
	});
});

describe('the order of an album', () => {
	before(async () => {
		database = await openTestDatabase();
	});
	after(() => database.close());
	beforeEach(async () => {
		await database.sql`truncate artists, audio_files, images, record_tombstones cascade`;
		await seedArtist(database.db, alice, 'Alice');
	});

	const add = async (minute: number, album: string | undefined, rev = '3lbk2bbbbbb2b') => {
		fileId = await seedAudioFile(database.db, `song ${minute}`);
		const createdAt = new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
		const written = record({ title: `song ${minute}`, createdAt, ...(album ? { album } : {}) });
		return await index(event({ rkey: `3lbk2aaaaaa${minute}a`, rev, record: written }));
	};
	const order = async () =>
		await database.db
			.selectFrom('tracks')
			.select(['title', 'album_position'])
			.where('album_id', 'is not', null)
			.orderBy('album_position')
			.execute();

	it('is the order the tracks were created in, whichever was finished first', async () => {
		for (const minute of [3, 1, 4, 2]) await add(minute, 'The Album');
		assert.deepEqual(
			await order(),
			[1, 2, 3, 4].map((n) => ({ title: `song ${n}`, album_position: n }))
		);
		const albums = await database.db.selectFrom('albums').select('slug').execute();
		assert.deepEqual(albums, [{ slug: 'the-album' }]);
	});

	it('has no gaps and no doubles when they are all finished at the same moment', async () => {
		const minutes = [5, 2, 7, 1, 4, 3, 6];
		const ids = await Promise.all(minutes.map((n) => seedAudioFile(database.db, `song ${n}`)));
		await Promise.all(
			minutes.map((minute, at) => {
				const createdAt = new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
				const audioUrl = `https://plyr.example.org/audio/${ids[at]}`;
				const written = record({ title: `song ${minute}`, createdAt, audioUrl, album: 'A' });
				return index(event({ rkey: `3lbk2aaaaaa${minute}a`, record: written }));
			})
		);
		assert.deepEqual(
			(await order()).map((row) => [row.title, row.album_position]),
			[1, 2, 3, 4, 5, 6, 7].map((n) => [`song ${n}`, n])
		);
	});

	it('takes nothing into an album that is being deleted: the title means a new one', async () => {
		await add(1, 'Dawn');
		await database.db.updateTable('albums').set({ deletion: 'with_tracks' }).execute();
		await add(2, 'Dawn');
		const albums = await database.db
			.selectFrom('albums')
			.innerJoin('tracks', 'tracks.album_id', 'albums.id')
			.select(['slug', 'deletion', 'tracks.title as song'])
			.orderBy('song')
			.execute();
		assert.deepEqual(albums, [
			{ slug: 'dawn', deletion: 'with_tracks', song: 'song 1' },
			{ slug: 'dawn-2', deletion: null, song: 'song 2' }
		]);
	});

	it('keeps a track in its place when it is edited, and lets it go when its album is removed', async () => {
		for (const minute of [1, 2, 3]) await add(minute, 'The Album');
		await add(2, 'the album!', '3lbk2dddddd2d');
		assert.deepEqual(
			(await order()).map((row) => row.title),
			['song 1', 'song 2', 'song 3']
		);
		await add(2, undefined, '3lbk2eeeeee2e');
		assert.deepEqual(
			(await order()).map((row) => row.title),
			['song 1', 'song 3']
		);
	});
});
