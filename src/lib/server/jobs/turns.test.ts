import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { createLogger } from '#lib/server/log.ts';
import { seedArtist } from '#lib/server/testing/seeds.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { type Jobs, openJobs } from './jobs.ts';
import { jobsOfOneArtist, takePlace } from './turns.ts';
import { openWorkLocks } from './work-locks.ts';

describe('whose turn it is', () => {
	let database: TestDatabase;
	let jobs: Jobs;
	before(async () => {
		database = await openTestDatabase();
		jobs = await openJobs({ sql: database.sql, log: createLogger('error') });
		for (const did of ['did:plc:a', 'did:plc:b']) await seedArtist(database.db, did);
	});
	after(async () => {
		await jobs.close();
		await database.close();
	});

	const enqueue = async (did: string, title: string) => {
		const id = randomUUID();
		await database.db.transaction().execute(async (trx) => {
			await trx
				.insertInto('uploads')
				.values({
					id,
					artist_did: did,
					rkey: id,
					status: 'pending',
					stage: 'received',
					message: 'upload queued for processing',
					file_name: title,
					fields: '{}',
					findings: '{}'
				})
				.execute();
			await jobs.enqueueUpload(trx, id);
		});
	};

	it('alternates between artists, whoever came first with however many', async () => {
		for (const title of ['a1', 'a2', 'a3']) await enqueue('did:plc:a', title);
		for (const title of ['b1', 'b2']) await enqueue('did:plc:b', title);
		// in the order in which pg-boss hands jobs out
		const rows = await database.sql`
			select file_name from pgboss.job join uploads on uploads.id::text = singleton_key
			where name = 'uploads' order by priority desc, created_on`;
		assert.deepEqual(
			rows.map((row) => String(row['file_name'])),
			['a1', 'b1', 'a2', 'b2', 'a3']
		);
	});

	it('leaves one place to others, where there is more than one', () => {
		const most = [1, 2, 3, 4, 64].map((jobsAtOnce) => jobsOfOneArtist({ jobsAtOnce }));
		assert.deepEqual(most, [1, 1, 2, 3, 3]);
	});

	it('gives an artist no more places than there are, in all processes together', async () => {
		const ctx = { config: { jobsAtOnce: 4 } } as unknown as Parameters<typeof takePlace>[0];
		const [here, there] = [openWorkLocks(database.sql), openWorkLocks(database.sql)];
		const asked = [here, there, here, there, here, there];
		const places = await Promise.all(asked.map((locks) => takePlace(ctx, locks, 'did:plc:a')));
		assert.equal(places.filter((place) => place !== null).length, 3);
		assert.ok(await takePlace(ctx, there, 'did:plc:b'));
		await places.find((place) => place !== null)?.release();
		assert.ok(await takePlace(ctx, there, 'did:plc:a'));
		await here.close();
		await there.close();
	});
});
