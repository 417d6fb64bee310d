import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { getConstructionPlans } from 'pg-boss';
import { readConfig } from '#lib/server/config.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import {
	readReleases,
	type ReleaseRecord,
	writeRelease
} from '../../../../tests/releases/release-record.ts';
import { brokenBy, replay, type Replayed } from '../../../../tests/releases/replay.ts';
import { connectDatabase, openLeases } from './connect.ts';
import { migrateToLatest, type MigrationOptions, migrationNames } from './migrate.ts';
import { fillTables } from './testing/fill-tables.ts';
import { KeptRows } from './testing/kept-rows.ts';
import { findWrongRows } from './testing/wrong-rows.ts';

const config = readConfig({}).database;
const releases = await readReleases();

/** Migrations that no release could go on with, what is asked of what they change, and what is said. */
const BAD: readonly [statements: string, about: string, says: RegExp][] = [
	[
		'alter table tracks drop column description',
		'tracks',
		/description.* does not exist.* — src\/lib/
	],
	['alter table likes rename to favourites', 'likes', /"likes" does not exist/],
	[
		`alter table uploads add column origin text not null default '';
			alter table uploads alter column origin drop default`,
		'uploads',
		/null value in column "origin"/
	],
	[
		"alter table artists add constraint short check (display_name = '') not valid",
		'artists',
		/violates check constraint "short"/
	],
	['alter table queues drop constraint queues_pkey', 'queues', /matching the ON CONFLICT/],
	[
		"alter table sessions alter column handle type bytea using convert_to(handle, 'UTF8')",
		'sessions',
		/result type|bytea/
	],
	[
		`create function refuse() returns trigger language plpgsql as
			$$ begin raise exception 'not any more'; end $$;
			create trigger refuse before delete on tracks for each row execute function refuse()`,
		'tracks',
		/not any more/
	],
	['drop function search_fold(text) cascade', 'search', /search_fold/],
	[
		'alter table likes add foreign key (did) references people (did) not valid',
		'likes',
		/likes\.did refers to people now/
	],
	[
		'create table comments (id int primary key, track_id bigint references tracks (id))',
		'tracks',
		/comments\.track_id keeps rows of tracks/
	]
];

describe('what earlier releases ask their database for', { timeout: 240_000 }, () => {
	let server: TestDatabase;
	let folder: string;
	before(async () => {
		server = await openTestDatabase();
		folder = await mkdtemp(path.join(tmpdir(), 'plyr-migrations-'));
	});
	after(async () => {
		await server.close();
		await rm(folder, { recursive: true, force: true });
	});

	const addressOf = (name: string) => ({ ...server.address, database: name });
	const migrate = (name: string, options: MigrationOptions) =>
		migrateToLatest(addressOf(name), config, options);
	/** With rows in every table, as they are when the release begins. */
	const makeFilled = async (name: string, { migration }: ReleaseRecord, kept = new KeptRows()) => {
		await server.sql`create database ${server.sql(name)}`;
		await migrate(name, { upTo: migration });
		const connection = connectDatabase(addressOf(name), config);
		const leases = openLeases(addressOf(name), config, 1);
		await (await leases.lend()).run(getConstructionPlans('pgboss'));
		await leases.end(1);
		for (const stage of [0, 1]) await fillTables(connection.sql, stage);
		await kept.keep(connection.sql);
		await connection.close(1);
	};
	/** Before and after something, on the same connection, as that of a release that goes on. */
	const replayOn = async (
		name: string,
		{ queries }: ReleaseRecord,
		between: () => Promise<unknown>
	): Promise<[Replayed, Replayed]> => {
		const leases = openLeases(addressOf(name), config, 1);
		const lease = await leases.lend();
		try {
			const first = await replay(lease, queries);
			await between();
			return [first, await replay(lease, queries)];
		} finally {
			leases.giveBack(lease);
			await leases.end(1);
		}
	};

	for (const [at, release] of releases.entries()) {
		it(`is there beside the newest: that of ${release.migration}`, async (t) => {
			const name = `release_${at}`;
			const kept = new KeptRows();
			await makeFilled(name, release, kept);
			const [first, second] = await replayOn(name, release, () => migrate(name, {}));
			const { outcomes } = first;
			const carriedOut = outcomes.filter(({ state }) => state === 'ok').length;
			t.diagnostic(
				`${carriedOut} of ${outcomes.length} are carried out, of ${release.queries.length}`
			);
			// 42: what the tables do not have
			const unknown = outcomes.filter(({ state }) => state.startsWith('42'));
			assert.deepEqual(unknown, []);
			assert.ok(carriedOut > outcomes.length * 0.9, `${carriedOut} of ${outcomes.length}`);
			assert.deepEqual(brokenBy(first, second), []);
			const connection = connectDatabase(addressOf(name), config);
			assert.deepEqual(await kept.differences(connection.sql), []);
			assert.deepEqual(await findWrongRows(connection.sql), []);
			await connection.close(1);
		});
	}

	it('is missed after whatever takes it away', async () => {
		const release = releases.at(-1);
		assert.ok(release);
		await makeFilled('ground', release);
		await migrate('ground', {});
		const leases = openLeases(addressOf('ground'), config, 1);
		const lease = await leases.lend();
		const firsts = new Map<string, Replayed>();
		for (const [statements, about, says] of BAD) {
			const queries = release.queries.filter(({ text }) => text.includes(about));
			const first = firsts.get(about) ?? (await replay(lease, queries));
			firsts.set(about, first);
			const broken = brokenBy(first, await replay(lease, queries, statements));
			const shown = `${statements}: ${broken.slice(0, 3).join('\n')}`;
			assert.ok(
				broken.some((one) => says.test(one)),
				shown
			);
		}
		await leases.end(1);
	});

	it('is missed when a migration takes it away', async () => {
		const [release] = releases;
		assert.ok(release);
		const [statements, about, says] = BAD[0] ?? ['', '', /./];
		const queries = release.queries.filter(({ text }) => text.includes(about));
		const bad = '20990101T000000-bad';
		const text = `export const up = (db) => db.executeQuery(
			{ sql: ${JSON.stringify(statements)}, parameters: [], query: { kind: 'RawNode' } })`;
		await writeFile(path.join(folder, `${bad}.ts`), text);
		const name = 'ground';
		const [first, second] = await replayOn(name, { ...release, queries }, () =>
			migrate(name, { folder, only: [bad] })
		);
		const broken = brokenBy(first, second);
		assert.ok(broken.length > 0);
		for (const one of broken) assert.match(one, says);
	});

	it('is as it was recorded, or is not taken', async () => {
		const query = {
			from: 'src/a.ts',
			text: 'select $1',
			values: [{ date: '2026-01-01T00:00:00.000Z' }]
		};
		const file = await writeRelease(
			{ migration: '20260101T000000-first', queries: [query] },
			folder
		);
		const [read] = await readReleases(folder);
		assert.deepEqual(read, { migration: '20260101T000000-first', queries: [query] });
		await appendFile(file, `${JSON.stringify({ ...query, text: 'select 2' })}\n`);
		await assert.rejects(readReleases(folder), /is not as it was recorded/);
	});

	it('is that of releases this version has come after', async () => {
		const names = await migrationNames();
		for (const { migration } of releases) assert.ok(names.includes(migration), migration);
		assert.ok(releases.length > 0);
	});
});
