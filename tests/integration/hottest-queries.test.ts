import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from 'kysely';
import { parseSearch, SEARCH_KINDS } from '#lib/search/search-query.ts';
import { albumAt, albumsOf } from '#lib/server/albums/reading-queries.ts';
import { artistNumbers } from '#lib/server/artists/number-queries.ts';
import { KeysetPage } from '#lib/server/db/keyset.ts';
import { newestItems } from '#lib/server/feeds/queries.ts';
import { activeArtists, lovedTracks } from '#lib/server/home/queries.ts';
import { likedAmong, likersOf, likesAmong, likesOf } from '#lib/server/likes/queries.ts';
import { foldQuery } from '#lib/server/search/folded-query.ts';
import { foldTexts } from '#lib/server/search/fold-texts.ts';
import { searchQuery } from '#lib/server/search/queries.ts';
import { pagesIn, SITEMAP_KINDS } from '#lib/server/sitemap/queries.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { newestTracks, tracksById, tracksOfAlbum } from '#lib/server/tracks/queries.ts';
import { tracksWithTag } from '#lib/server/tracks/tag-queries.ts';
import { FAN_DID, fillLargeSet, setOf } from '../bench/large-set.ts';
import { describePlan, explain, rowsRead, rowsSorted, tablesReadWhole } from './query-plan.ts';

const PAGE = 50;
/** Rows of a page with what stands beside each: artist, file, album, picture, tags. */
const ROWS_OF_PAGE = (PAGE + 1) * 12;
/** Pages of the database it takes to find a row by an index and read it. */
const PAGES_PER_ROW = 5;

interface Bounds {
	/** rows taken from tables and indexes */
	reads: number;
	/** rows sorted at once; a page's when left out */
	sorts?: number;
}

/** Of some list, one page in its middle. */
interface Places {
	trackIds: number[];
	loved: number;
	artistDid: string;
	album: { id: string; slug: string };
	tag: string;
	middle: KeysetPage;
}

describe(
	'the hottest queries, with 20,000 tracks, 200,000 likes and a million plays',
	{ timeout: 400_000 },
	() => {
		let database: TestDatabase;
		let places: Places;
		before(
			async () => {
				database = await openTestDatabase();
				await fillLargeSet(database.sql, setOf(20_000));
				places = await findPlaces(database);
			},
			{ timeout: 300_000 }
		);
		after(() => database.close());

		/** However much there is, a page costs what a page holds. */
		async function assertCheap(
			query: Parameters<typeof explain>[1],
			{ reads, sorts = PAGE + 1 }: Bounds
		) {
			const plan = await explain(database.db, query);
			const shown = describePlan(plan);
			// a table without rows is read in no time
			const whole = tablesReadWhole(plan).filter((name) => name !== 'smaller_files');
			assert.deepEqual(whole, [], shown);
			// its table is as large as all rows would need, and made anew for each query
			assert.ok(!plan.nodes.some((node) => node['Node Type'] === 'Memoize'), shown);
			assert.ok(rowsRead(plan) <= reads, `read ${rowsRead(plan)} rows, not ${reads}\n${shown}`);
			assert.ok(rowsSorted(plan) <= sorts, `sorted ${rowsSorted(plan)} rows\n${shown}`);
			const pages = reads * PAGES_PER_ROW;
			assert.ok(plan.pages <= pages, `looked at ${plan.pages} pages, not ${pages}\n${shown}`);
		}

		it('the newest tracks of everybody, at the beginning and far down', async () => {
			for (const page of [new KeysetPage(PAGE), places.middle]) {
				await assertCheap(newestTracks(database.db, page), { reads: ROWS_OF_PAGE });
			}
		});

		it('what is loved lately reads the newest 2,000 likes', async () => {
			const bounds = { reads: 4 * 2_000, sorts: 2_000 };
			await assertCheap(lovedTracks(database.db, 6), bounds);
		});

		it('who published lately is found among the newest hundred tracks', async () => {
			await assertCheap(activeArtists(database.db, 8), { reads: 300, sorts: 100 });
		});

		it('a track, and several by their ids', async () => {
			await assertCheap(tracksById(database.db, [places.loved]), { reads: 12 });
			await assertCheap(tracksById(database.db, places.trackIds), { reads: ROWS_OF_PAGE });
		});

		it('the newest tracks of an artist, for their page and beside a track', async () => {
			const { artistDid } = places;
			const query = newestTracks(database.db, new KeysetPage(PAGE), { artistDid });
			await assertCheap(query, { reads: ROWS_OF_PAGE });
			const more = newestTracks(database.db, new KeysetPage(6), { artistDid });
			await assertCheap(more, { reads: 7 * 12 });
		});

		it('the numbers and the albums of an artist', async () => {
			await assertCheap(artistNumbers(database.db, places.artistDid), { reads: 3 });
			await assertCheap(albumsOf(database.db, places.artistDid, false), { reads: 20 });
		});

		it('an album at its address, and its tracks', async () => {
			const { album, artistDid } = places;
			await assertCheap(albumAt(database.db, artistDid, album.slug, false), { reads: 12 });
			await assertCheap(tracksOfAlbum(database.db, album.id, ['public']), { reads: 60 });
		});

		it('what somebody likes, and who likes a track, the newest first', async () => {
			for (const page of [new KeysetPage(PAGE), places.middle]) {
				await assertCheap(likesOf(database.db, FAN_DID, page, true), { reads: 110 });
				await assertCheap(likersOf(database.db, places.loved, page), { reads: 160 });
			}
		});

		it('which of a page of tracks somebody likes', async () => {
			await assertCheap(likedAmong(database.db, FAN_DID, places.trackIds), { reads: PAGE });
			await assertCheap(likesAmong(database.db, FAN_DID, places.trackIds), { reads: 2 * PAGE });
		});

		it('the newest tracks with a tag that many have', async () => {
			for (const page of [new KeysetPage(PAGE), places.middle]) {
				await assertCheap(tracksWithTag(database.db, places.tag, page), { reads: 110 });
			}
		});

		it('the items of a feed: of everybody, an artist and a tag', async () => {
			const { artistDid, tag } = places;
			for (const filter of [{}, { artistDid }, { tag }]) {
				const query = newestItems(database.db, new KeysetPage(PAGE), filter);
				await assertCheap(query, { reads: ROWS_OF_PAGE });
			}
		});

		it('a stretch of a sitemap, from its middle', async () => {
			const { artistDid, tag, trackIds } = places;
			const albums = '80000000-0000-0000-0000-000000000000';
			const from = { tracks: String(trackIds[25]), albums, artists: artistDid, tags: tag };
			for (const kind of SITEMAP_KINDS) {
				const range = { from: from[kind], isAfter: true, until: null, limit: 200 };
				await assertCheap(pagesIn(kind, range), { reads: 1_500 });
			}
		});

		it('a search by a beginning, by words and by what is nearly it', async () => {
			for (const typed of ['love', 'silver garden', 'shadwo', 'w8f3']) {
				const folded = foldQuery(parseSearch(typed), await foldTexts(database.db, [typed]));
				const query = searchQuery(database.db, SEARCH_KINDS, folded, { limit: 20 });
				// what its steps read is looked at where they are tested
				await assertCheap(query, { reads: 1_500 });
			}
		});
	}
);

async function findPlaces({ sql: client, db }: TestDatabase): Promise<Places> {
	const ids = await client<{ id: number; artist_did: string; created_at: Date }[]>`
		select id, artist_did, created_at from tracks where id > 10000 order by id limit ${PAGE}`;
	const [loved] = await client<{ id: number }[]>`
		select id from tracks order by like_count desc limit 1`;
	const { rows: tags } = await sql<{ tag: string }>`
		select tag from track_tags group by tag order by count(*) desc limit 1`.execute(db);
	const [first] = ids;
	const artistDid = first?.artist_did ?? '';
	const [album] = await client<{ id: string; slug: string }[]>`
		select id, slug from albums where artist_did = ${artistDid} limit 1`;
	if (!first || !loved || !album || !tags[0]) throw new Error('the set is empty');
	return {
		trackIds: ids.map(({ id }) => id),
		loved: loved.id,
		artistDid,
		album,
		tag: tags[0].tag,
		middle: new KeysetPage(PAGE, { createdAt: first.created_at, id: first.id })
	};
}
