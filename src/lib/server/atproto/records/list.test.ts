import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { seedArtist, seedAudioFile, seedImage } from '#lib/server/testing/seeds.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { InvalidRecord } from './invalid-record.ts';
import * as listRecord from './list.ts';
import { listUri } from './list.ts';
import type { RecordSite } from './record-site.ts';
import * as trackRecord from './track.ts';

const site: RecordSite = {
	publicUrl: 'https://plyr.example.org',
	trackCollection: 'fm.plyr.dev.track',
	likeCollection: 'fm.plyr.dev.like',
	listCollection: 'fm.plyr.dev.list'
};
const alice = 'did:plc:alice';
const RKEY = '3lbk2aaaaaa2a';
const cid = 'bafyreidfayvfuwqa7qlnopdjiqrxzs6blmoeu4rujcjtnci5beludirz2a';

const trackAt = (name: string) => `at://${alice}/fm.plyr.dev.track/3lbk2track${name}`;

let database: TestDatabase;

/** A list of an album with these tracks, by their one-letter names or whole addresses. */
const list = (names: string[], fields: Record<string, unknown> = {}) => ({
	$type: 'fm.plyr.dev.list',
	listType: 'album',
	name: 'First',
	items: names.map((name) => ({
		subject: { uri: name.startsWith('at:') ? name : trackAt(name), cid }
	})),
	createdAt: '2026-11-22T18:00:00.000Z',
	...fields
});

const index = (record: unknown, event: Partial<listRecord.ListWritten> = {}) =>
	database.db.transaction().execute((trx) =>
		listRecord.index(trx, site, {
			did: alice,
			rkey: RKEY,
			cid: 'bafylist1',
			rev: '3lbk2bbbbbb2b',
			record,
			...event
		})
	);

const remove = (rev: string | null, rkey = RKEY) =>
	database.db
		.transaction()
		.execute((trx) => listRecord.remove(trx, site, { did: alice, rkey, rev }));

/** Indexes a track by its one-letter name. */
async function track(name: string, album?: string, fields: Partial<trackRecord.TrackWritten> = {}) {
	const fileId = await seedAudioFile(database.db, `song ${name}`);
	return await database.db.transaction().execute((trx) =>
		trackRecord.index(trx, site, {
			did: alice,
			rkey: `3lbk2track${name}`,
			cid: 'bafytrack',
			rev: '3lbk2bbbbbb2b',
			record: {
				$type: 'fm.plyr.dev.track',
				title: name,
				artist: 'Alice',
				fileType: 'mp3',
				createdAt: `2026-11-22T18:00:00.000Z`,
				audioUrl: `https://plyr.example.org/audio/${fileId}`,
				...(album === undefined ? {} : { album })
			},
			...fields
		})
	);
}

/** Every album with the names of its tracks in order. */
async function albums(): Promise<Record<string, string>> {
	const rows = await database.db
		.selectFrom('albums')
		.leftJoin('tracks', 'tracks.album_id', 'albums.id')
		.select(['albums.slug', 'tracks.title'])
		.orderBy('albums.slug')
		.orderBy('album_position')
		.execute();
	const found: Record<string, string> = {};
	for (const { slug, title } of rows) found[slug] = (found[slug] ?? '') + (title ?? '');
	return found;
}

const album = () => database.db.selectFrom('albums').selectAll().executeTakeFirstOrThrow();

describe('an album’s record enters the index by one door', () => {
	before(async () => {
		database = await openTestDatabase();
	});
	after(() => database.close());
	beforeEach(async () => {
		await database.sql`truncate artists, audio_files, images, record_tombstones cascade`;
		await seedArtist(database.db, alice, 'Alice');
	});

	it('with everything it says', async () => {
		const imageId = await seedImage(database.db, 'cover');
		const imageUrl = `https://plyr.example.org/images/${imageId}`;
		await index(list(['a'], { description: 'notes', year: 2024, imageUrl }));
		const row = await album();
		assert.partialDeepStrictEqual(row, {
			slug: 'first',
			title: 'First',
			description: 'notes',
			year: 2024,
			image_id: imageId,
			rkey: RKEY,
			record_uri: listUri(site, alice, RKEY),
			record_cid: 'bafylist1',
			record_rev: '3lbk2bbbbbb2b'
		});
		assert.deepEqual(row.created_at, new Date('2026-11-22T18:00:00.000Z'));
	});

	it('and gives its tracks its order, whichever of them is indexed first', async () => {
		const events = [
			() => track('a', 'First'),
			() => track('b'),
			() => track('c', 'Another'),
			() => index(list(['c', 'a', 'b']))
		];
		for (let shift = 0; shift < events.length; shift++) {
			await database.sql`truncate artists, record_tombstones cascade`;
			await seedArtist(database.db, alice, 'Alice');
			for (let n = 0; n < events.length; n++) await events[(n + shift) % events.length]?.();
			assert.equal((await albums())['first'], 'cab', `beginning with event ${shift}`);
		}
	});

	it('and gives its tracks its order when all arrive at the same moment', async () => {
		for (let round = 0; round < 5; round++) {
			await database.sql`truncate artists, record_tombstones cascade`;
			await seedArtist(database.db, alice, 'Alice');
			await Promise.all([
				track('a', 'First'),
				index(list(['d', 'c', 'b', 'a'])),
				track('b', 'First'),
				track('c', 'First'),
				track('d')
			]);
			assert.deepEqual(await albums(), { first: 'dcba' });
		}
	});

	it('once, however often the event arrives', async () => {
		await track('a');
		const first = await index(list(['a']));
		assert.deepEqual(await index(list(['a'])), first);
		assert.deepEqual(await index(list(['a']), { rev: null }), first);
		assert.equal((await album()).record_rev, '3lbk2bbbbbb2b', 'the revision is not forgotten');
	});

	it('in its newest version, whatever the order events arrive in', async () => {
		await track('a');
		await track('b');
		await index(list(['b', 'a'], { name: 'Newer' }), { rev: '3lbk2ccccccc2' });
		assert.deepEqual(await index(list(['a'])), { ignored: 'stale' });
		assert.deepEqual(await albums(), { newer: 'ba' });
	});

	it('not again after its deletion, by an event from before it; its tracks stay', async () => {
		await track('a');
		await index(list(['a']));
		assert.equal(await remove('3lbk2ccccccc2'), true);
		assert.deepEqual(await index(list(['a'])), { ignored: 'deleted' });
		assert.deepEqual(await albums(), {});
		const [row] = await database.db.selectFrom('tracks').select(['title', 'album_id']).execute();
		assert.deepEqual(row, { title: 'a', album_id: null });
		await index(list(['a']), { rev: '3lbk2dddddd2d' });
		assert.deepEqual(await albums(), { first: 'a' }, 'written anew');
	});

	it('not at all when its deletion arrives first, and stays when an older one comes late', async () => {
		assert.equal(await remove('3lbk2ccccccc2'), false);
		assert.deepEqual(await index(list([])), { ignored: 'deleted' });
		await index(list([]), { rev: '3lbk2dddddd2d' });
		assert.equal(await remove('3lbk2ccccccc2'), false);
		assert.deepEqual(await albums(), { first: '' });
	});

	it('only when it is an album of somebody with a profile, and fits its lexicon', async () => {
		for (const listType of ['playlist', undefined]) {
			assert.deepEqual(await index(list([], { listType })), { ignored: 'not_an_album' });
		}
		assert.deepEqual(await index(list([]), { did: 'did:plc:bob' }), { ignored: 'unknown_artist' });
		await assert.rejects(index(list([], { year: 'soon' })), InvalidRecord);
		await assert.rejects(index({ ...list([]), $type: 'fm.plyr.list' }), InvalidRecord);
		await index(list([]));
		await index(list([], { listType: 'playlist' }), { rev: '3lbk2ccccccc2' });
		assert.deepEqual(await albums(), {}, 'what has become a playlist is no album any more');
	});

	it('and decides alone: what others’ programs write into tracks changes nothing', async () => {
		await track('a', 'First');
		await track('b', 'First');
		assert.deepEqual(await albums(), { first: 'ab' }, 'without a list the tracks decide');
		await index(list(['b']));
		assert.deepEqual(await albums(), { first: 'b' });
		await track('c', 'First');
		await track('b', 'Second', { rev: '3lbk2ccccccc2' });
		assert.deepEqual(await albums(), { first: 'b' });
	});

	it('and a track the artist publishes here waits for its place on the list', async () => {
		await track('a');
		await index(list(['a']));
		await track('b', 'First', { originalFileId: await seedAudioFile(database.db, 'song b') });
		assert.deepEqual(await albums(), { first: 'ab' });
		await index(list(['a'], { description: 'more' }), { rev: '3lbk2ccccccc2' });
		assert.deepEqual(await albums(), { first: 'ab' }, 'a version without it does not throw it out');
		await index(list(['b', 'a']), { rev: '3lbk2dddddd2d' });
		assert.deepEqual(await albums(), { first: 'ba' });
		await index(list(['a']), { rev: '3lbk2eeeeee2e' });
		assert.deepEqual(await albums(), { first: 'a' }, 'once listed, it goes with the list');
	});

	it('and a track that has left stays out when its own record comes again', async () => {
		await track('a', 'First');
		await index(list(['a']));
		await remove('3lbk2ccccccc2');
		await track('a', 'First', { rev: '3lbk2dddddd2d' });
		assert.deepEqual(await albums(), {});
		await track('a', 'Other', { rev: '3lbk2eeeeee2e' });
		assert.deepEqual(await albums(), { other: 'a' }, 'a new word is heard');
	});

	it('and of two lists with the same track the first keeps it as long as it has it', async () => {
		await track('a');
		await index(list(['a']));
		await index(list(['a'], { name: 'Best of' }), { rkey: '3lbk2zzzzzz2z' });
		assert.deepEqual(await albums(), { 'best-of': '', first: 'a' });
		await index(list([]), { rev: '3lbk2ccccccc2' });
		assert.deepEqual(await albums(), { 'best-of': 'a', first: '' });
	});

	it('with items it does not know, which do not disturb', async () => {
		await track('a');
		await track('b');
		const foreign = 'at://did:plc:bob/fm.plyr.dev.track/3lbk2foreign';
		await index(list(['b', foreign, 'unknown', 'a', 'a']));
		assert.deepEqual(await albums(), { first: 'ba' });
		assert.equal((await database.sql`select 1 from album_items`).length, 4, 'each once');
	});
});

describe('the address of an album', () => {
	before(async () => {
		database = await openTestDatabase();
	});
	after(() => database.close());
	beforeEach(async () => {
		await database.sql`truncate artists, audio_files, images, record_tombstones cascade`;
		await seedArtist(database.db, alice, 'Alice');
	});

	const former = async () =>
		(await database.sql<{ slug: string }[]>`select slug from album_slugs order by slug`).map(
			({ slug }) => slug
		);
	let revs = 0;
	const named = (name: string, rkey = RKEY) =>
		index(list([], { name }), { rkey, rev: `3lbk2rev${String(++revs).padStart(5, '0')}` });

	it('is made of its title, with a number when another album has it, and never empty', async () => {
		await named('Live', '3lbk2a');
		await named('live!', '3lbk2b');
		await named('LIVE', '3lbk2c');
		await named('!!!', '3lbk2d');
		await index(list([], { name: undefined }), { rkey: '3lbk2e' });
		const slugs = Object.keys(await albums());
		assert.deepEqual(slugs.slice(1), ['live', 'live-2', 'live-3', 'untitled']);
		assert.match(slugs[0] ?? '', /^album-[0-9a-f]{8}$/);
	});

	it('changes with the title; the former ones lead to it', async () => {
		await named('One');
		await named('Two');
		await named('Three');
		assert.deepEqual(await albums(), { three: '' });
		assert.deepEqual(await former(), ['one', 'two']);
		await named('One');
		assert.deepEqual(await albums(), { one: '' }, 'its own former one it may have again');
		assert.deepEqual(await former(), ['three', 'two']);
		await named('one');
		assert.deepEqual(await former(), ['three', 'two']);
	});

	it('keeps its number as long as its title makes the same', async () => {
		await named('Live', '3lbk2a');
		await named('Live', '3lbk2b');
		await named('LIVE', '3lbk2b');
		assert.deepEqual(Object.keys(await albums()), ['live', 'live-2']);
		await named('Live 2', '3lbk2a');
		assert.deepEqual(Object.keys(await albums()), ['live-2', 'live-2-2']);
	});

	it('that only led to a renamed album goes to a new album of that title', async () => {
		await named('One', '3lbk2a');
		await named('Two', '3lbk2a');
		await named('One', '3lbk2b');
		assert.deepEqual(Object.keys(await albums()), ['one', 'two']);
		assert.deepEqual(await former(), []);
	});

	it('that only leads to a renamed album still means it in the record of a track', async () => {
		await named('One');
		await named('Two');
		await track('a', 'One');
		assert.deepEqual(await albums(), { two: '' });
	});

	it('that its title would not make today still means it in the record of a track, or a list', async () => {
		await database.sql`
			insert into albums (artist_did, slug, title) values (${alice}, 'rock-roll', 'Rock & Roll')`;
		await track('a', 'Rock & Roll');
		assert.deepEqual(await albums(), { 'rock-roll': 'a' });
		await index(list(['a'], { name: 'Rock & Roll' }), { rkey: '3lbk2a' });
		assert.deepEqual(await albums(), { 'rock-roll': 'a' });
	});

	it('keeps apart what differs by a sign only', async () => {
		for (const [n, title] of ['C', 'C++', 'C#'].entries()) await track(String(n), title);
		const slugs = Object.keys(await albums());
		assert.deepEqual(slugs, ['c', 'c-plus-plus', 'c-sharp']);
	});
});
