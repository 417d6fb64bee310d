import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { seedArtist, seedAudioFile } from '#lib/server/testing/seeds.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { decodeLike, encodeLike } from './like-record.ts';
import * as likeRecord from './like.ts';
import type { RecordSite } from './record-site.ts';

const site: RecordSite = {
	publicUrl: 'https://plyr.example.org',
	trackCollection: 'fm.plyr.dev.track',
	likeCollection: 'fm.plyr.dev.like',
	listCollection: 'fm.plyr.dev.list'
};
const artist = 'did:plc:artist';
const bob = 'did:plc:bob';
const CID = 'bafyreidfayvfuwqa7qlnopdjiqrxzs6blmoeu4rujcjtnci5beludirz2a';
const uriOf = (name: string) => `at://${artist}/fm.plyr.dev.track/${name}`;
const record = (name = 'one', createdAt = '2026-01-02T03:04:05.678Z') => ({
	$type: 'fm.plyr.dev.like',
	subject: { uri: uriOf(name), cid: CID },
	createdAt
});

describe('a like record', () => {
	const createdAt = new Date('2026-01-02T03:04:05.678Z');

	it('is a strong reference to the track and a time, and reads back as it was', () => {
		const subject = { uri: uriOf('one'), cid: CID };
		const written = encodeLike(site, { subject, createdAt });
		assert.deepEqual(written, record());
		assert.deepEqual(decodeLike(site, written), { subject, createdAt });
	});

	const unfit: [string, unknown][] = [
		['of another collection', { ...record(), $type: 'fm.plyr.like' }],
		['without a subject', { ...record(), subject: undefined }],
		['whose subject has no cid', { ...record(), subject: { uri: uriOf('one') } }],
		['whose subject is no at-uri', { ...record(), subject: { uri: 'javascript:1', cid: CID } }],
		['without a time', { ...record(), createdAt: 'yesterday' }],
		['that is no object', 'x']
	];
	for (const [what, value] of unfit) {
		it(`${what} is refused`, () => assert.throws(() => decodeLike(site, value), /lexicon/));
	}
});

describe('likes in the index', () => {
	let database: TestDatabase;
	before(async () => {
		database = await openTestDatabase();
	});
	after(() => database.close());
	beforeEach(async () => {
		await database.sql`
			truncate artists, audio_files, images, record_tombstones, people cascade`;
		await seedArtist(database.db, artist);
		for (const name of ['one', 'two']) await seedTrack(name);
	});

	async function seedTrack(name: string): Promise<void> {
		const fileId = await seedAudioFile(database.db, name);
		await database.db
			.insertInto('tracks')
			.values({
				artist_did: artist,
				rkey: name,
				record_uri: uriOf(name),
				record_cid: CID,
				title: name,
				features: '[]',
				file_id: fileId,
				original_file_id: fileId,
				created_at: new Date()
			})
			.execute();
	}

	const event = (changes: Partial<likeRecord.LikeWritten> = {}): likeRecord.LikeWritten => ({
		did: bob,
		rkey: '3lbk2aaaaaa2a',
		cid: CID,
		rev: '3lbk2bbbbbb2b',
		record: record(),
		...changes
	});
	const index = (changes: Partial<likeRecord.LikeWritten> = {}) =>
		database.db.transaction().execute((trx) => likeRecord.index(trx, site, event(changes)));
	const remove = (rkey = '3lbk2aaaaaa2a', rev: string | null = '3lbk2cccccc2c') =>
		database.db
			.transaction()
			.execute((trx) => likeRecord.remove(trx, site, { did: bob, rkey, rev }));
	const counts = async () => {
		const rows = await database.sql<{ rkey: string; like_count: number; rows: number }[]>`
			select rkey, like_count, (select count(*)::int from likes where track_id = tracks.id) as rows
			from tracks order by rkey`;
		for (const row of rows) assert.equal(row.like_count, row.rows, 'what is counted is there');
		return rows.map((row) => row.like_count);
	};
	const known = async () => {
		const rows = await database.db.selectFrom('likes').select('rkey').orderBy('id').execute();
		return rows.map((row) => row.rkey);
	};

	it('are counted once, however often they are heard of', async () => {
		assert.ok('trackId' in (await index()));
		await index();
		await index({ rev: null });
		assert.deepEqual(await counts(), [1, 0]);
	});

	it('go with their record, and an older event does not bring them back', async () => {
		await index();
		assert.equal(await remove(), true);
		assert.deepEqual(await counts(), [0, 0]);
		assert.deepEqual(await index(), { ignored: 'deleted' });
		assert.equal(await remove(), false);
		assert.ok('trackId' in (await index({ rev: '3lbk2dddddd2d' })), 'written again later');
		assert.deepEqual(await counts(), [1, 0]);
	});

	it('are not taken away by a deletion from before they were written again', async () => {
		await index({ rev: '3lbk2dddddd2d' });
		assert.equal(await remove(), false);
		assert.deepEqual(await index(), { ignored: 'stale' });
		assert.deepEqual(await counts(), [1, 0]);
	});

	it('stay away when the deletion was heard of first', async () => {
		await remove();
		assert.deepEqual(await index(), { ignored: 'deleted' });
		assert.deepEqual(await counts(), [0, 0]);
	});

	it('of what is not listed here are left alone', async () => {
		assert.deepEqual(await index({ record: record('nowhere') }), { ignored: 'unknown_track' });
	});

	it('move when the record names another track', async () => {
		await index();
		await index({ rev: '3lbk2dddddd2d', record: record('two') });
		assert.deepEqual(await counts(), [0, 1]);
		const gone = { rev: '3lbk2eeeeee2e', record: record('nowhere') };
		assert.deepEqual(await index(gone), { ignored: 'unknown_track' });
		assert.deepEqual(await counts(), [0, 0]);
	});

	it('of one person for one track are one, whichever of the records goes first', async () => {
		const [a, b, c] = ['3lbk2aaaaaa2a', '3lbk2aaaaaa2b', '3lbk2aaaaaa2c'];
		for (const rkey of [a, b, c]) await index({ rkey });
		assert.deepEqual([await counts(), await known()], [[1, 0], [a]]);
		await remove(a);
		assert.deepEqual([await counts(), await known()], [[1, 0], [b]]);
		await remove(c);
		assert.deepEqual([await counts(), await known()], [[1, 0], [b]]);
		await remove(b);
		assert.deepEqual([await counts(), await known()], [[0, 0], []]);
	});

	it('of many at the same moment are all counted', async () => {
		const people = Array.from({ length: 20 }, (_, n) => `did:plc:fan${n}`);
		await Promise.all(
			people.flatMap((did) => [
				index({ did }),
				index({ did, rkey: '3lbk2aaaaaa2z' }),
				index({ did, rkey: '3lbk2aaaaaa2y', record: record('two') })
			])
		);
		assert.deepEqual(await counts(), [20, 20]);
	});

	it('are of the past, whatever their record says', async () => {
		await index({ record: record('one', '9999-01-01T00:00:00.000Z') });
		await index({ did: 'did:plc:old', record: record('one', '0001-01-01T00:00:00.000Z') });
		const times = await database.db.selectFrom('likes').select('created_at').execute();
		for (const { created_at: at } of times) {
			assert.ok(at.getTime() >= 0 && at.getTime() <= Date.now(), at.toISOString());
		}
	});

	it('go with their track', async () => {
		await index();
		await index({ rkey: '3lbk2aaaaaa2b' });
		await database.sql`delete from tracks where rkey = 'one'`;
		assert.deepEqual(await known(), []);
		const further = await database.sql`select 1 from like_duplicates`;
		assert.equal(further.length, 0);
	});

	it('have somebody who is to be looked up, unless they have a profile here', async () => {
		await index();
		await index({ did: artist });
		const people = await database.sql<{ did: string; wanted: boolean }[]>`
			select did, wanted_at is not null as wanted from people order by did`;
		assert.deepEqual(
			people.map(({ did, wanted }) => [did, wanted]),
			[
				[artist, false],
				[bob, true]
			]
		);
	});
});
