import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from 'kysely';
import { readConfig } from '#lib/server/config.ts';
import { DomainError } from '#lib/server/errors.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { answerAlbums, answerAlbumsOf } from './albums-api.ts';
import { albumsByTitle } from './reading-queries.ts';
import { TitlePage } from './title-page.ts';

interface Plan {
	'Node Type': string;
	'Index Name'?: string;
	'Actual Rows': number;
	'Actual Loops': number;
	Plans?: Plan[];
}

const config = readConfig({ PUBLIC_URL: 'https://plyr.example.org', DATA_DIR: '/nowhere' });

describe('albums by title, a page at a time', () => {
	let database: TestDatabase;
	const ctx = () => ({ config, db: database.db });
	before(async () => {
		database = await openTestDatabase();
		await database.sql.unsafe(FIVE_THOUSAND).simple();
	});
	after(() => database.close());

	it('come each exactly once, in the order of their titles', async () => {
		const seen: string[] = [];
		let cursor: string | undefined;
		do {
			const page = await answerAlbums(ctx(), { limit: 100, cursor });
			seen.push(...page.albums.map(({ title, id }) => `${title.toLowerCase()} ${id}`));
			cursor = page.next_cursor ?? undefined;
		} while (cursor !== undefined);
		assert.equal(seen.length, 5_000);
		assert.equal(new Set(seen).size, 5_000);
		const ofOne = await answerAlbumsOf(ctx(), 'artist7.test', { limit: 30 });
		const rest = await answerAlbumsOf(ctx(), 'artist7.test', { cursor: ofOne.next_cursor ?? '' });
		assert.deepEqual([ofOne.albums.length, rest.albums.length, rest.next_cursor], [30, 20, null]);
	});

	it('cost what a page holds', async () => {
		for (const after of [undefined, ['name 3', crypto.randomUUID()] as const]) {
			const query = albumsByTitle(database.db, new TitlePage(50, after));
			const [answer] = await query.explain('json', sql`analyze`);
			const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
			const plans = answer?.['QUERY PLAN'] as { Plan: Plan }[];
			const nodes = nodesOf(plans[0]?.Plan ?? assert.fail('no plan'));
			assert.ok(nodes.some((node) => node['Index Name'] === 'albums_by_title'));
			// an album has ten tracks, which are counted
			for (const node of nodes) {
				const touched = node['Actual Rows'] * node['Actual Loops'];
				assert.ok(touched <= 600, `${node['Node Type']} touched ${touched} rows`);
			}
		}
	});

	it('begin nowhere else', async () => {
		const cursorOf = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
		for (const cursor of [
			'',
			'x',
			cursorOf(['a']),
			cursorOf(['a', 'b']),
			cursorOf(['\0', crypto.randomUUID()])
		]) {
			await assert.rejects(
				answerAlbums(ctx(), { cursor }),
				(cause) => cause instanceof DomainError && cause.status === 422
			);
		}
	});
});

// written past the triggers: that all of it can be found by its words is not wanted here
const FIVE_THOUSAND = `
	set statement_timeout = 0;
	set session_replication_role = replica;
	insert into artists (did, handle, display_name)
		select 'did:plc:artist' || n, 'artist' || n || '.test', 'Artist ' || n from generate_series(1, 100) n;
	insert into audio_files (file_id, sha256, storage_key, file_type, content_type, size_bytes)
		select left(hash, 16), hash, 'audio/' || left(hash, 16) || '.mp3', 'mp3', 'audio/mpeg', 1
		from (select encode(sha256(n::text::bytea), 'hex') as hash from generate_series(1, 50000) n) hashes;
	insert into albums (artist_did, slug, title)
		select 'did:plc:artist' || (1 + n % 100), 'album-' || n, case when n % 2 = 0 then 'NAME ' else 'name ' end || n % 10
		from generate_series(1, 5000) n;
	insert into tracks (artist_did, rkey, record_uri, record_cid, title, file_id, original_file_id, album_id, created_at)
		select albums.artist_did, 'r' || n, 'at://' || n, 'cid', 'song ' || n, file, file, albums.id, now()
		from (
			select n, left(encode(sha256(n::text::bytea), 'hex'), 16) as file from generate_series(1, 50000) n
		) numbered
		join albums on albums.slug = 'album-' || (n % 5000 + 1);
	reset session_replication_role;
	analyze`;
