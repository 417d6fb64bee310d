import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { refreshArtistIdentity } from '#lib/server/artists/artists.ts';
import { buryRecord } from '#lib/server/atproto/records/tombstones.ts';
import { readConfig } from '#lib/server/config.ts';
import { DomainError } from '#lib/server/errors.ts';
import { seedTrack } from '#lib/server/testing/seed-track.ts';
import { seedArtist } from '#lib/server/testing/seeds.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { findPermalink } from './permalinks.ts';

const alice = 'did:plc:alice';
const config = readConfig({ DATA_DIR: '/nowhere' });

describe('the permanent address of a record', () => {
	let database: TestDatabase;
	let trackId: number;
	before(async () => {
		database = await openTestDatabase();
		const { db } = database;
		await seedArtist(db, alice, 'Alice');
		trackId = await seedTrack(db, alice, 'song');
		await db
			.insertInto('albums')
			.values({
				artist_did: alice,
				slug: 'tide',
				title: 'Tide',
				rkey: 'tide1',
				record_uri: `at://${alice}/fm.plyr.list/tide1`,
				record_cid: 'cid'
			})
			.execute();
	});
	after(() => database.close());

	const find = (address: string) => findPermalink({ ...database, config }, address);
	const isRefused = (status: number) => (cause: unknown) =>
		cause instanceof DomainError && cause.status === status;
	const song = `${alice}/fm.plyr.track/song`;
	const tide = `${alice}/fm.plyr.list/tide1`;

	it('leads to the page of a track, an album and a person, with at:// before it or not', async () => {
		for (const before of ['', 'at://', 'at:/']) {
			assert.equal(await find(before + song), `/track/${trackId}`);
			assert.equal(await find(before + tide), '/u/alice.test/album/tide');
			assert.equal(await find(before + alice), '/u/alice.test');
		}
		assert.equal(await find('at://alice.test/fm.plyr.track/song'), `/track/${trackId}`);
		assert.equal(await find('alice.test/fm.plyr.list/tide1/'), '/u/alice.test/album/tide');
	});

	it('leads from a like to the track it is about', async () => {
		const uri = 'at://did:plc:listener/fm.plyr.like/3abc';
		await database.db
			.insertInto('likes')
			.values({
				did: 'did:plc:listener',
				rkey: '3abc',
				record_uri: uri,
				record_cid: 'cid',
				track_id: trackId,
				subject_uri: `at://${song}`,
				subject_cid: 'cid',
				created_at: new Date()
			})
			.execute();
		assert.equal(await find(uri), `/track/${trackId}`);
	});

	it('survives another handle and another name of the album', async () => {
		const pdsUrl = 'https://pds.example.org';
		await refreshArtistIdentity(database.db, { did: alice, handle: 'other.test', pdsUrl });
		await database.db.updateTable('albums').set({ slug: 'ebb' }).execute();
		assert.equal(await find(tide), '/u/other.test/album/ebb');
		assert.equal(await find('at://alice.test/fm.plyr.list/tide1'), '/u/other.test/album/ebb');
	});

	it('says that a record was removed, and when there never was one', async () => {
		const { db } = database;
		for (const never of [
			`${alice}/fm.plyr.track/never`,
			`${alice}/fm.plyr.like/song`,
			'did:plc:nobody/fm.plyr.track/song',
			`${alice}/fm.plyr.track`,
			`${song}/more`,
			'did:plc:nobody',
			'nobody.test/fm.plyr.track/song',
			'',
			'at://',
			'../../etc',
			`${alice}/<b>/x`
		]) {
			await assert.rejects(find(never), isRefused(404), never);
		}
		await db.updateTable('tracks').set({ visibility: 'deleting' }).execute();
		await assert.rejects(find(song), isRefused(410));
		await db.transaction().execute(async (trx) => {
			await trx.deleteFrom('tracks').execute();
			await buryRecord(trx, `at://${song}`, null, trackId);
		});
		await assert.rejects(find(song), isRefused(410));
		await db.updateTable('albums').set({ deletion: 'keep_tracks' }).execute();
		await assert.rejects(find(tide), isRefused(410));
	});
});
