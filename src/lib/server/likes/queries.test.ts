import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from 'kysely';
import { KeysetPage } from '#lib/server/db/keyset.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { likedAmong, likersOf, likesAmong, likesOf, firstOpenTransaction } from './queries.ts';

interface Plan {
	'Node Type': string;
	'Index Name'?: string;
	'Relation Name'?: string;
	'Actual Rows': number;
	'Actual Loops': number;
	'Heap Fetches'?: number;
	Plans?: Plan[];
}

interface Explainable {
	explain(format: 'json', options: ReturnType<typeof sql>): Promise<Record<string, unknown>[]>;
}

const FAN = 'did:plc:fan';
const MIDDLE = { createdAt: new Date(Date.UTC(2026, 0, 1, 0, 0, 10_000)), id: 10_000 };

describe('with half a million likes', { timeout: 180_000 }, () => {
	let database: TestDatabase;
	let loved: number;
	before(async () => {
		database = await openTestDatabase();
		await database.sql.unsafe(HALF_A_MILLION).simple();
		// as autovacuum does it: only then an index answers by itself
		await database.sql`vacuum analyze likes`;
		const [row] = await database.sql<{ id: number }[]>`select id from tracks where rkey = 'r1'`;
		loved = row?.id ?? 0;
	});
	after(() => database.close());

	const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

	async function explain(query: Explainable): Promise<Plan[]> {
		const [answer] = await query.explain('json', sql`analyze`);
		const plans = answer?.['QUERY PLAN'] as { Plan: Plan }[];
		return nodesOf(plans[0]?.Plan ?? assert.fail('no plan'));
	}

	/** However many there are, a page costs what a page holds. */
	function assertCheap(nodes: Plan[], indexName: string) {
		assert.ok(
			nodes.some((node) => node['Index Name'] === indexName),
			JSON.stringify(nodes)
		);
		for (const node of nodes) {
			const touched = node['Actual Rows'] * node['Actual Loops'];
			assert.ok(touched <= 110, `${node['Node Type']} touched ${touched} rows`);
			const reads = node['Node Type'] === 'Seq Scan' ? node['Relation Name'] : undefined;
			assert.notEqual(reads, 'likes');
			assert.notEqual(reads, 'tracks');
		}
	}

	it('the newest likers of a track come straight from the index, also far down', async () => {
		for (const after of [undefined, MIDDLE]) {
			const page = new KeysetPage(50, after);
			assertCheap(await explain(likersOf(database.db, loved, page)), 'likes_of_track');
			assert.equal((await likersOf(database.db, loved, page).execute()).length, 51);
		}
	});

	it('so do the newest likes of a person', async () => {
		for (const after of [undefined, MIDDLE]) {
			const page = new KeysetPage(50, after);
			const query = likesOf(database.db, FAN, page, false);
			assertCheap(await explain(query), 'likes_of_person');
			assert.equal((await query.execute()).length, 51);
		}
	});

	it('which of a page of tracks somebody likes is one look into the index', async () => {
		const rows = await database.sql<{ id: number }[]>`
			select id from tracks order by id desc limit 100`;
		const query = likedAmong(
			database.db,
			FAN,
			rows.map(({ id }) => id)
		);
		assertCheap(await explain(query), 'likes_once');
		assert.equal((await query.execute()).length, 100);
	});

	it('how often they are liked, too, is one look for each of them', async () => {
		const rows = await database.sql<{ id: number }[]>`
			select id from tracks order by id desc limit 100`;
		const ids = rows.map(({ id }) => id);
		const query = likesAmong(database.db, FAN, ids);
		assertCheap(await explain(query), 'likes_once');
		const likes = await query.execute();
		assert.equal(likes.length, 100);
		assert.ok(likes.every((one) => one.is_liked));
		const others = await likesAmong(database.db, 'did:plc:nobody', ids).execute();
		assert.ok(others.every((one) => !one.is_liked));
	});

	it('what is read says whether it is from before or after something was written', async () => {
		const asOf = async () =>
			Number((await likesAmong(database.db, FAN, [loved]).execute())[0]?.as_of);
		const before = await asOf();
		await database.sql`update tracks set like_count = like_count where id = ${loved}`;
		const written = await firstOpenTransaction(database.db);
		assert.ok(before < written, `${before} < ${written}`);
		const after = await asOf();
		assert.ok(after >= written, `${after} >= ${written}`);
		let meanwhile = Infinity;
		await database.sql.begin(async (sql) => {
			await sql`update tracks set like_count = like_count where id = ${loved}`;
			await database.sql`update tracks set play_count = play_count where id <> ${loved} and id < 9`;
			meanwhile = await asOf();
		});
		assert.ok(meanwhile < (await firstOpenTransaction(database.db)), 'one was under way');
	});
});

/**
 * 20,000 tracks; a fan likes all of them, one is liked by 20,000, and the rest is spread. Written past
 * the triggers: that they can be found by their words, and how many there are, is not wanted here.
 */
const HALF_A_MILLION = `
	set statement_timeout = 0;
	set session_replication_role = replica;
	insert into artists (did, handle, display_name)
		select 'did:plc:artist' || n, 'artist' || n || '.test', 'Artist ' || n from generate_series(1, 200) n;
	insert into audio_files (file_id, sha256, storage_key, file_type, content_type, size_bytes)
		select left(hash, 16), hash, 'audio/' || left(hash, 16) || '.mp3', 'mp3', 'audio/mpeg', 1
		from (select encode(sha256(n::text::bytea), 'hex') as hash from generate_series(1, 20000) n) hashes;
	insert into tracks (artist_did, rkey, record_uri, record_cid, title, file_id, original_file_id, created_at)
		select 'did:plc:artist' || (1 + n % 200), 'r' || n, 'at://did:plc:artist' || (1 + n % 200) || '/t/r' || n, 'cid', 'song ' || n,
			left(encode(sha256(n::text::bytea), 'hex'), 16), left(encode(sha256(n::text::bytea), 'hex'), 16),
			timestamptz '2026-01-01 00:00:00Z' + make_interval(secs => n)
		from generate_series(1, 20000) n;
	insert into likes (did, rkey, record_uri, record_cid, track_id, subject_uri, subject_cid, created_at)
		select did, 'k' || tracks.rkey, 'at://' || did || '/like/k' || tracks.rkey, 'cid', tracks.id, tracks.record_uri, 'cid',
			timestamptz '2026-01-01 00:00:00Z' + make_interval(secs => n)
		from (
			select '${FAN}' as did, n, 'r' || n as rkey from generate_series(1, 20000) n
			union all select 'did:plc:lover' || n, n, 'r1' from generate_series(1, 20000) n
			union all select 'did:plc:person' || n % 4600, n, 'r' || (2 + (n * 7) % 19999) from generate_series(1, 460000) n
		) given join tracks using (rkey)
		on conflict do nothing;
	insert into people (did, handle) select distinct did, 'x.test' from likes;
	reset session_replication_role;
	analyze`;
