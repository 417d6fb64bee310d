import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Kysely } from 'kysely';
import { connectDatabase } from '#lib/server/db/connect.ts';
import { readConfig } from '#lib/server/config.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { up as makeLetters } from '../../../../migrations/20261127T222000-search-letters.ts';
import { up as fillIn } from '../../../../migrations/20261127T222003-search-backfill.ts';
import { SmallCatalogue } from './testing/small-catalogue.ts';

const ALL = `select kind, ref, name, handle, words, uses, artist_did, album_id, tags
	from search_entries order by kind, ref`;

describe('a database that was there before searching', () => {
	let database: TestDatabase;
	before(async () => {
		database = await openTestDatabase();
		await new SmallCatalogue(database.db).fill();
	});
	after(() => database.close());

	it('is written down as if every track had come since', async () => {
		const kept = await database.sql.unsafe(ALL);
		await database.sql`delete from search_entries`;
		await fillIn(database.db as unknown as Kysely<unknown>);
		assert.ok(kept.length > 20);
		assert.deepEqual([...(await database.sql.unsafe(ALL))], [...kept]);
	});

	it('is told what helps when its role may not add what searching needs', async () => {
		await database.sql`create role weak login`;
		await database.sql`create database bare`;
		const address = { ...database.address, user: 'weak', database: 'bare' };
		const bare = connectDatabase(address, readConfig({}).database);
		await assert.rejects(
			makeLetters(bare.db as unknown as Kysely<unknown>),
			/let a role that may run "create extension pg_trgm" in it/
		);
		await bare.close();
	});
});
