import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readConfig } from '#lib/server/config.ts';
import { openReplica, type Replica } from '#lib/server/db/replica.ts';
import { createLogger } from '#lib/server/log.ts';
import { createMetrics } from '#lib/server/metrics/metrics.ts';
import { DatabaseLine } from '#lib/server/testing/database-line.ts';
import { waitUntil } from './like-steps.ts';
import { type ReplicatedDatabase, startReplicatedDatabase } from './replicated-database.ts';

/** A connection that says nothing is closed after this and two seconds more. */
const options = {
	...readConfig({}).database,
	statementTimeoutMs: 1_000,
	connectionTimeoutMs: 1_000,
	replicaLagMs: 3_000
};
const LONGEST_ALONE_MS = 9_000;

describe('how a process looks after its replica', () => {
	let databases: ReplicatedDatabase;
	let toPrimary: DatabaseLine;
	let toReplica: DatabaseLine;
	let replica: Replica;
	let isClosed: boolean;
	before(async () => {
		databases = await startReplicatedDatabase();
	});
	after(() => databases.close());
	beforeEach(async () => {
		toPrimary = new DatabaseLine(databases.primary);
		toReplica = new DatabaseLine(databases.replica);
		const url = async (line: DatabaseLine) =>
			`postgres://plyr@127.0.0.1:${await line.open()}/postgres`;
		replica = openReplica(await url(toReplica), await url(toPrimary), options, {
			log: createLogger('error'),
			metrics: createMetrics(() => undefined),
			observe: (_text, run) => run(),
			longestAloneMs: LONGEST_ALONE_MS
		});
		isClosed = false;
		await waitUntil('it is used', () => Promise.resolve(replica.isCurrent));
	});
	afterEach(async () => {
		if (!isClosed) await replica.close();
		for (const line of [toPrimary, toReplica]) line.close();
	});

	it('does without one that says nothing, and comes back to it by a new connection', async () => {
		toReplica.isSilent = true;
		await waitUntil('it is not used', () => Promise.resolve(!replica.isCurrent));
		assert.equal(replica.isAlone, false);
		// what was sent meanwhile is lost: nobody answers it any more
		await sleep(200);
		toReplica.isSilent = false;
		await waitUntil('it is used again', () => Promise.resolve(replica.isCurrent));
	});

	it('reads it on while the database says nothing, says how old it may be, and not for good', async () => {
		toPrimary.isSilent = true;
		const silentAt = performance.now();
		await waitUntil('it is alone', () => Promise.resolve(replica.isAlone));
		assert.equal(replica.mayAskAgain(), false);
		await sleep(options.replicaLagMs + 500);
		assert.equal(replica.isCurrent, true, 'former pages are better than none');
		const silentS = (performance.now() - silentAt) / 1000;
		assert.ok(
			replica.lagSeconds > 2 && replica.lagSeconds < silentS + 1.5,
			`${replica.lagSeconds}`
		);
		await waitUntil('it is not used', () => Promise.resolve(!replica.isCurrent));
		const seconds = (performance.now() - silentAt) / 1000;
		assert.ok(seconds > LONGEST_ALONE_MS / 1000 - 1.5 && seconds < 14, `${seconds.toFixed(1)} s`);
		toPrimary.isSilent = false;
		await waitUntil('it is used again', () => Promise.resolve(replica.isCurrent));
		assert.deepEqual([replica.isAlone, replica.lagSeconds < 1], [false, true]);
	});

	it('is not read when it was too far behind before the database fell silent', async () => {
		const { primary, replica: copy } = databases;
		await copy.sql`select pg_wal_replay_pause()`;
		await primary.sql`create table written (n int)`;
		await waitUntil('it is behind', () => Promise.resolve(!replica.isCurrent));
		toPrimary.isSilent = true;
		await waitUntil('it is alone', () => Promise.resolve(replica.isAlone));
		for (let look = 0; look < 10; look++) {
			assert.equal(replica.isCurrent, false);
			await sleep(200);
		}
		await copy.sql`select pg_wal_replay_resume()`;
	});

	it('ends at once, also while neither says anything', async () => {
		for (const line of [toPrimary, toReplica]) line.isSilent = true;
		// in the midst of a look
		await sleep(1_300);
		const startedAt = performance.now();
		await replica.close();
		isClosed = true;
		const ms = performance.now() - startedAt;
		assert.ok(ms < 400, `${Math.round(ms)} ms`);
	});
});
