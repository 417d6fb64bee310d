import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from 'kysely';
import { readConfig } from '#lib/server/config.ts';
import { KeysetPage } from '#lib/server/db/keyset.ts';
import { openSitemap, sitemapIndex } from '#lib/server/sitemap/sitemap.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { type FeedFilter, newestItems } from './queries.ts';

interface Plan {
	'Node Type': string;
	'Relation Name'?: string;
	'Actual Rows': number;
	'Actual Loops': number;
	Plans?: Plan[];
}

const config = readConfig({ PUBLIC_URL: 'https://plyr.example.org', DATA_DIR: '/nowhere' });

describe('with a hundred thousand tracks', () => {
	let database: TestDatabase;
	before(async () => {
		database = await openTestDatabase();
		await database.sql.unsafe(HUNDRED_THOUSAND).simple();
	});
	after(() => database.close());

	const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

	/** The most rows any step of a feed's query touches. */
	async function mostTouched(filter: FeedFilter): Promise<number> {
		const page = new KeysetPage(50);
		const [answer] = await newestItems(database.db, page, filter).explain('json', sql`analyze`);
		const plans = answer?.['QUERY PLAN'] as { Plan: Plan }[];
		const nodes = nodesOf(plans[0]?.Plan ?? assert.fail('no plan'));
		assert.ok(
			!nodes.some((node) => node['Node Type'] === 'Seq Scan' && node['Relation Name'] === 'tracks')
		);
		return Math.max(...nodes.map((node) => node['Actual Rows'] * node['Actual Loops']));
	}

	/** A page and one more, with the two or three tags of each. */
	const PAGE = 160;

	it('a feed costs what a page of it holds', async () => {
		assert.ok((await mostTouched({})) <= PAGE);
		assert.ok((await mostTouched({ artistDid: 'did:plc:many' })) <= PAGE);
		assert.ok((await mostTouched({ artistDid: 'did:plc:artist7' })) <= PAGE);
		// nobody has it; few have it; a hundredth; all of them
		for (const [tag, most] of [
			['none', 10],
			['rare', PAGE],
			['tag 7', 6_000],
			['music', PAGE]
		] as const) {
			const touched = await mostTouched({ tag });
			assert.ok(touched <= most, `${tag}: ${touched} rows`);
		}
	});

	it('a sitemap is read as it is sent', async () => {
		const ctx = { db: database.db, config };
		const index = await sitemapIndex(ctx);
		assert.equal(index.match(/sitemap-tracks-/g)?.length, 3);
		let pages = 0;
		for (const page of ['1', '2', '3']) {
			const stream = await openSitemap(ctx, { kind: 'tracks', page });
			const decoder = new TextDecoder();
			let pagesOfPart = 0;
			for await (const chunk of stream) {
				// a thousand pages at a time, whatever comes
				assert.ok(chunk.byteLength < 400_000, `${chunk.byteLength} bytes`);
				pagesOfPart += decoder.decode(chunk).match(/<url>/g)?.length ?? 0;
			}
			assert.ok(pagesOfPart <= 50_000);
			pages += pagesOfPart;
		}
		assert.equal(pages, 100_000);
	});
});

const HUNDRED_THOUSAND = `
	set statement_timeout = 0;
	-- what is found, and how much there is of each artist, is not asked for here
	set session_replication_role = replica;
	insert into artists (did, handle, display_name)
		select 'did:plc:artist' || n, 'artist' || n || '.test', 'Artist ' || n from generate_series(1, 9999) n
		union all select 'did:plc:many', 'many.test', 'Many';
	insert into audio_files (file_id, sha256, storage_key, file_type, content_type, size_bytes)
		select left(hash, 16), hash, 'audio/' || left(hash, 16) || '.mp3', 'mp3', 'audio/mpeg', 1
		from (select encode(sha256(n::text::bytea), 'hex') as hash from generate_series(1, 100000) n) hashes;
	insert into tracks (artist_did, rkey, record_uri, record_cid, title, file_id, original_file_id, created_at)
		select artist, 'r' || n, 'at://' || artist || '/fm.plyr.track/r' || n, 'cid', 'song ' || n, file, file,
			timestamptz '2026-01-01 00:00:00Z' + make_interval(secs => n)
		from (
			select n, left(encode(sha256(n::text::bytea), 'hex'), 16) as file,
				case when n % 10 = 0 then 'did:plc:many' else 'did:plc:artist' || (1 + n % 9999) end as artist
			from generate_series(1, 100000) n
		) numbered;
	insert into track_tags (track_id, tag, track_created_at)
		select id, 'tag ' || id % 100, created_at from tracks;
	insert into track_tags (track_id, tag, track_created_at)
		select id, 'music', created_at from tracks;
	insert into track_tags (track_id, tag, track_created_at)
		select id, 'rare', created_at from tracks where id % 10000 = 3;
	set session_replication_role = origin;
	analyze`;
