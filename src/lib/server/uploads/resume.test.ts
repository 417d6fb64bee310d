import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { type Jobs, openJobs } from '#lib/server/jobs/jobs.ts';
import { createLogger } from '#lib/server/log.ts';
import { listUnsettled } from '#lib/server/releases/settling-queries.ts';
import { seedArtist } from '#lib/server/testing/seeds.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { findUpload } from './queries.ts';
import { resumeEnded, whatEnded } from './resume.ts';

const ALICE = 'did:plc:alice';
const HOUR_MS = 3_600_000;
const ago = (hours: number) => new Date(Date.now() - hours * HOUR_MS);

describe('the uploads that wait', () => {
	let database: TestDatabase;
	let jobs: Jobs;
	let hasFfmpeg = false;
	before(async () => {
		database = await openTestDatabase();
		jobs = await openJobs({ sql: database.sql, log: createLogger('error') });
		await seedArtist(database.db, ALICE);
		await database.sql`insert into oauth_sessions (did, ciphertext, updated_at)
			values (${ALICE}, '', ${ago(2)})`;
	});
	after(async () => {
		await jobs.close();
		await database.close();
	});

	const resume = () =>
		resumeEnded({
			db: database.db,
			jobs,
			// what ffmpeg can do is another test's business
			transcoder: {
				capabilities: () => Promise.resolve({ reachable: true, ffmpeg: hasFfmpeg, detail: null })
			}
		});

	async function release(
		status: 'draft' | 'published',
		releaseAt: Date | null = null
	): Promise<string> {
		const id = randomUUID();
		await database.sql`insert into releases (id, artist_did, status, fields, release_at)
			values (${id}, ${ALICE}, ${status}, '{}', ${releaseAt})`;
		return id;
	}

	let count = 0;
	async function waiting(
		code: string,
		{ since = ago(1), releaseId = null }: { since?: Date; releaseId?: string | null } = {}
	): Promise<string> {
		const id = randomUUID();
		await database.sql`
			insert into uploads (id, artist_did, rkey, status, stage, message, error_code, file_name,
				fields, findings, size_bytes, release_id, heartbeat_at, updated_at)
			values (${id}, ${ALICE}, ${`k${count++}`}, 'waiting', 'transcoded', 'waits', ${code}, 'a.wav',
				'{}', '{}', 1000, ${releaseId}, ${since}, ${since})`;
		return id;
	}
	const statusOf = async (id: string) => (await findUpload(database.db, id))?.status;

	it('go on when what each waited for has ended, and no others', async () => {
		const goOn = [
			await waiting('draft', { releaseId: await release('published', ago(-1)) }),
			await waiting('scheduled', { releaseId: await release('published', ago(1)) }),
			await waiting('scheduled', { releaseId: await release('published') }),
			await waiting('sign_in_again', { since: ago(3) })
		];
		const stay = [
			await waiting('draft', { releaseId: await release('draft') }),
			await waiting('scheduled', { releaseId: await release('published', ago(-1)) }),
			await waiting('unsettled', { releaseId: await release('published') }),
			await waiting('sign_in_again', { since: ago(1) }),
			await waiting('needs_transcoder')
		];
		assert.equal(await resume(), goOn.length);
		for (const id of goOn) assert.equal(await statusOf(id), 'pending');
		for (const id of stay) assert.equal(await statusOf(id), 'waiting');
		hasFfmpeg = true;
		assert.equal(await resume(), 1);
		assert.equal(await statusOf(stay.at(-1) ?? ''), 'pending');
		hasFfmpeg = false;
	});

	it('do not keep one another from going on', async () => {
		for (let i = 0; i < 120; i++) await waiting('needs_transcoder');
		const signedIn = await waiting('sign_in_again', { since: ago(3) });
		assert.equal(await resume(), 1);
		assert.equal(await statusOf(signedIn), 'pending');
	});

	it('for a release to be settled are looked at oldest first', async () => {
		await database.sql`delete from uploads where error_code = 'unsettled'`;
		const ids: string[] = [];
		for (let minutes = 1; minutes <= 101; minutes++) {
			const releaseId = await release('published');
			ids.push(releaseId);
			await waiting('unsettled', { releaseId, since: ago(minutes / 60) });
			// a younger one of the same release makes it no younger
			await waiting('unsettled', { releaseId, since: ago(0) });
		}
		const [youngest = '', ...others] = ids;
		const listed = await listUnsettled(database.db);
		assert.deepEqual(listed, others.reverse());
		assert.ok(!listed.includes(youngest));
	});

	it('are found by an index of their own, however many uploads there are', async () => {
		await database.sql.unsafe(MANY).simple();
		const plan = await whatEnded(database.db).explain<{ 'QUERY PLAN': string }>();
		const text = plan.map((row) => row['QUERY PLAN']).join('\n');
		assert.equal(text.match(/using uploads_waiting/g)?.length, 3, text);
		assert.doesNotMatch(text, /Seq Scan on uploads/);
	});
});

/** Uploads of which hardly any waits. */
const MANY = `
	set statement_timeout = 0;
	insert into uploads (id, artist_did, rkey, status, stage, message, file_name, fields, findings)
		select gen_random_uuid(), '${ALICE}', 'many-' || n, 'completed', 'indexed', 'done', 'a.wav', '{}', '{}'
		from generate_series(1, 20000) n;
	analyze`;
