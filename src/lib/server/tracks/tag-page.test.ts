import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from 'kysely';
import { KeysetPage } from '#lib/server/db/keyset.ts';
import { DomainError } from '#lib/server/errors.ts';
import { seedTrack } from '#lib/server/testing/seed-track.ts';
import { seedArtist } from '#lib/server/testing/seeds.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { tagPath } from '#lib/tracks/tag-path.ts';
import { getTagPage } from './tag-page.ts';
import { tracksWithTag } from './tag-queries.ts';

const alice = 'did:plc:alice';
const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));

const hasStatus = (status: number) => (cause: unknown) =>
	cause instanceof DomainError && cause.status === status;

describe('the page of a tag', () => {
	let database: TestDatabase;
	before(async () => {
		database = await openTestDatabase();
		await seedArtist(database.db, alice, 'Alice');
		for (let n = 0; n < 60; n++) {
			await seedTrack(database.db, alice, `song ${n}`, {
				// published in another order than they came to us, some at the same moment
				created_at: at(Math.floor(((n * 7) % 60) / 2)),
				tags: n % 3 === 0 ? ['ambient', 'hip hop'] : ['ambient']
			});
		}
	});
	after(() => database.close());

	const open = (text: string, cursor?: string) => getTagPage(database, null, text, { cursor });

	it('lists the newest first, page by page, each exactly once', async () => {
		const first = await open('ambient');
		assert.ok('tracks' in first);
		const second = await open('ambient', first.nextCursor ?? assert.fail('there is more'));
		assert.ok('tracks' in second);
		assert.equal(second.nextCursor, null);
		const all = [...first.tracks, ...second.tracks];
		assert.equal(new Set(all.map(({ id }) => id)).size, 60);
		const times = all.map(({ createdAt }) => createdAt);
		assert.deepEqual(times, [...times].sort().reverse());
		assert.deepEqual(first.related, ['hip hop']);
	});

	it('leads from another spelling to the one that is kept', async () => {
		for (const spelling of ['#Hip  Hop', 'HIP HOP', 'hip hop ', ' ＨＩＰ hop']) {
			assert.deepEqual(await open(spelling), { movedTo: '/tag/hip%20hop' });
		}
		assert.equal(tagPath('50/50 & ?#%'), '/tag/50%2F50%20%26%20%3F%23%25');
	});

	it('shows what everybody may see only, and is not there without any of it', async () => {
		const { db } = database;
		await seedTrack(db, alice, 'secret', { visibility: 'unlisted', tags: ['secret'] });
		const shown = await seedTrack(db, alice, 'shown', { tags: ['seldom'] });
		await seedTrack(db, alice, 'going', { visibility: 'deleting', tags: ['seldom'] });
		const seldom = await open('seldom');
		assert.ok('tracks' in seldom);
		assert.deepEqual(
			seldom.tracks.map(({ id }) => id),
			[shown]
		);
		for (const none of ['secret', 'never used', '#', ' ', '\u202e', 'x'.repeat(500)]) {
			await assert.rejects(open(none), hasStatus(404), none);
		}
		await assert.rejects(open('ambient', 'no cursor'), hasStatus(422));
	});

	it('follows a track that gets another date', async () => {
		const { db } = database;
		const id = await seedTrack(db, alice, 'moved', { created_at: at(1), tags: ['dated'] });
		await seedTrack(db, alice, 'stays', { created_at: at(2), tags: ['dated'] });
		await db
			.updateTable('tracks')
			.set({ created_at: at(3) })
			.where('id', '=', id)
			.execute();
		const page = await open('dated');
		assert.ok('tracks' in page);
		assert.deepEqual(
			page.tracks.map(({ title }) => title),
			['moved', 'stays']
		);
		assert.deepEqual(page.tracks[0]?.tags, ['dated']);
	});

	it('costs what a page holds, however many tracks have the tag', async () => {
		await database.sql.unsafe(THIRTY_THOUSAND).simple();
		const middle = new Date(Date.UTC(2025, 0, 1) - 10_000_000);
		const pages = [new KeysetPage(50), new KeysetPage(50, { createdAt: middle, id: 15_000 })];
		for (const page of pages) {
			for (const tag of ['everywhere', 'rare']) {
				const rows = await tracksWithTag(database.db, tag, page).explain<{ 'QUERY PLAN': string }>(
					'text',
					sql`analyze`
				);
				const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
				assert.match(plan, /track_tags_newest/, plan);
				assert.doesNotMatch(plan, /Seq Scan/, plan);
				for (const [, touched, loops] of plan.matchAll(/actual .*?rows=([\d.]+) loops=(\d+)/g)) {
					assert.ok(Number(touched) * Number(loops) <= 60, plan);
				}
			}
		}
	});
});

/** What triggers keep is written here: one row at a time would take minutes. */
const THIRTY_THOUSAND = `
	set statement_timeout = 0;
	set session_replication_role = replica;
	insert into audio_files (file_id, sha256, storage_key, file_type, content_type, size_bytes)
		select left(md5(n::text), 16), md5(n::text) || md5(n::text), 'audio/many' || n, 'mp3', 'audio/mpeg', 1
		from generate_series(1, 30000) n;
	insert into tracks (artist_did, rkey, record_uri, record_cid, title, file_id, original_file_id, created_at)
		select '${alice}', 'many' || n, 'at://many/' || n, 'cid', 'a', left(md5(n::text), 16),
			left(md5(n::text), 16), '2025-01-01'::timestamptz - make_interval(secs => n)
		from generate_series(1, 30000) n;
	insert into track_tags (track_id, tag, track_created_at)
		select id, 'everywhere', created_at from tracks where rkey like 'many%';
	insert into track_tags (track_id, tag, track_created_at)
		select id, 'rare', created_at from tracks where rkey like 'many%777';
	set session_replication_role = origin;
	analyze`;
