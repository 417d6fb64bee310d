import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readConfig } from '#lib/server/config.ts';
import { connectDatabase } from '#lib/server/db/connect.ts';
import { startEmbeddedPostgres } from '#lib/server/db/embedded-postgres.ts';
import { openReplica } from '#lib/server/db/replica.ts';
import { createLogger } from '#lib/server/log.ts';
import { createMetrics } from '#lib/server/metrics/metrics.ts';
import { runPlyr } from '../../src/cli/run-plyr.ts';
import { everyRoute } from './every-route.ts';
import { waitUntil } from './like-steps.ts';
import { type LocalSite, startLocalSite } from './local-site.ts';
import { becomeArtist, publishTrack } from './published-music.ts';
import {
	type ReplicatedDatabase,
	type Server,
	startReplicatedDatabase
} from './replicated-database.ts';
import type { Visitor } from './visitor.ts';

const LAG_S = 2;

const addressOf = ({ port }: Server) => `postgres://plyr@127.0.0.1:${port}/postgres`;

type Places = Record<'replica' | 'behind' | 'away' | 'failed', number>;

describe('a site with a replica that streams from its database', () => {
	let databases: ReplicatedDatabase;
	let site: LocalSite;
	let alice: Visitor;
	let id: number;
	before(async () => {
		databases = await startReplicatedDatabase();
		const { primary, replica } = databases;
		site = await startLocalSite({
			DATABASE_URL: addressOf(primary),
			DATABASE_REPLICA_URL: addressOf(replica),
			DATABASE_REPLICA_LAG_SECONDS: String(LAG_S),
			OAUTH_ENCRYPTION_KEY: randomBytes(32).toString('base64')
		});
		alice = await becomeArtist(site.url, 'alice');
		id = await publishTrack(alice, { title: 'the first title' });
		await untilUsed();
	});
	after(async () => {
		await site.close();
		await databases.close();
	});

	const ask = async (path: string): Promise<{ status: number; text: string }> => {
		const response = await fetch(site.url + path, { redirect: 'manual' });
		return { status: response.status, text: await response.text() };
	};
	/** How often queries went where, since the site was started. */
	const readPlaces = async (): Promise<Places> => {
		const { text } = await ask('/metrics');
		const count = (place: string) =>
			Number(new RegExp(`reads_total\\{place="${place}"\\} (\\d+)`).exec(text)?.[1] ?? 0);
		const [replica = 0, behind = 0, away = 0, failed = 0] = [
			...['replica', 'behind', 'away', 'failed']
		].map(count);
		return { replica, behind, away, failed };
	};
	const lines = (event: string) => site.output().split(`"event":"${event}"`).length - 1;
	const isUsed = async () => {
		const before = await readPlaces();
		await ask('/api/tracks/');
		return (await readPlaces()).replica > before.replica;
	};
	const untilUsed = () => waitUntil('the replica is used', isUsed);
	const titleFor = async (who: 'nobody' | 'alice'): Promise<string> => {
		const path = `/api/tracks/${id}`;
		const text = who === 'alice' ? await (await alice.open(path)).text() : (await ask(path)).text;
		return (JSON.parse(text) as { title: string }).title;
	};

	it('reads from it whatever is the same for everybody, and nothing that is not there', async () => {
		const [row] = await databases.primary.sql<{ did: string; uri: string; file: string }[]>`
			select artist_did as did, record_uri as uri, file_id as file from tracks where id = ${id}`;
		assert.ok(row);
		const published = { ...row, id, album: 'none', image: 'none', release: 'none' };
		const before = await readPlaces();
		const refused: string[] = [];
		for (const { path, as, method, kind } of everyRoute(published)) {
			if (as || method || kind === 'media') continue;
			const { status } = await ask(path);
			if (status >= 500) refused.push(`${path} ${status}`);
		}
		const since = await readPlaces();
		assert.deepEqual(refused, []);
		assert.ok(since.replica - before.replica > 50, `${since.replica - before.replica} queries`);
		assert.deepEqual({ ...since, replica: 0 }, { ...before, replica: 0 });
	});

	const askDoctor = async (): Promise<string> => {
		const said: string[] = [];
		await runPlyr(['doctor'], { env: site.env, say: (line) => said.push(line) });
		return said.join('\n');
	};

	it('is said to be well', async () => {
		assert.match(
			await askDoctor(),
			/^ok {5}replica: it is 0\.\d MB behind$[^]*^nothing is wrong$/m
		);
	});

	it('reads for who is signed in from the database itself', async () => {
		const before = await readPlaces();
		for (const path of ['/', `/track/${id}`, '/search?q=title', '/portal', '/api/tracks/']) {
			assert.equal((await alice.open(path)).status, 200, path);
		}
		assert.deepEqual(await readPlaces(), before);
	});

	it('shows what is near enough, and what is not from the database itself', async () => {
		const { primary, replica } = databases;
		const noted = lines('replica_not_used');
		await replica.sql`select pg_wal_replay_pause()`;
		await waitUntil('it is paused', async () => {
			const [row] = await replica.sql<{ state: string }[]>`
				select pg_get_wal_replay_pause_state() as state`;
			return row?.state === 'paused';
		});
		const changedAt = performance.now();
		await primary.sql`update tracks set title = 'the second title' where id = ${id}`;
		assert.equal(await titleFor('alice'), 'the second title');
		assert.equal(await titleFor('nobody'), 'the first title');
		await waitUntil('it is behind', async () => (await titleFor('nobody')) === 'the second title');
		const seconds = (performance.now() - changedAt) / 1000;
		assert.ok(seconds >= LAG_S - 1 && seconds < LAG_S + 4, `${seconds.toFixed(1)} s`);
		// as long as it is paused nobody is shown the former one again
		for (let i = 0; i < 10; i++) {
			assert.equal(await titleFor('nobody'), 'the second title');
			await sleep(200);
		}
		assert.ok((await readPlaces()).behind >= 10);
		const [, lag] =
			/^plyr_database_replica_lag_seconds (\S+)/m.exec((await ask('/metrics')).text) ?? [];
		assert.ok(Number(lag) >= LAG_S, lag);
		assert.equal(lines('replica_not_used'), noted + 1, 'it is said once');
		await replica.sql`select pg_wal_replay_resume()`;
		await untilUsed();
		assert.equal(await titleFor('nobody'), 'the second title');
	});

	it('goes on without it when it is away, and with it when it is back', async () => {
		const { replica } = databases;
		const before = await readPlaces();
		let isOver = false;
		const statuses = new Set<number>();
		const read = async () => {
			while (!isOver) statuses.add((await ask('/')).status);
		};
		const readers = [read(), read(), read()];
		await replica.stop();
		await sleep(3_000);
		const { away } = await readPlaces();
		assert.ok(away > before.away, `${away} queries went to the database itself`);
		await replica.start();
		await untilUsed();
		isOver = true;
		await Promise.all(readers);
		assert.deepEqual([...statuses], [200]);
	});

	it('is not taken for one of another database, which it seems to be ahead of', async () => {
		// those of other tests are copies of one, and have its name
		const dir = await mkdtemp(path.join(tmpdir(), 'plyr-other-'));
		await chmod(dir, 0o711);
		const server = await startEmbeddedPostgres(dir, () => undefined);
		const { database: options } = readConfig({});
		const other = connectDatabase(server.address, options);
		const replica = openReplica(addressOf(databases.replica), other.sql, options, {
			log: createLogger('error'),
			metrics: createMetrics(() => undefined),
			observe: (_text, run) => run()
		});
		try {
			for (let look = 0; look < 10; look++) {
				assert.equal(replica.isCurrent, false);
				await sleep(250);
			}
		} finally {
			await replica.close();
			await other.close();
			await server.stop();
			await rm(dir, { recursive: true, force: true });
		}
	});

	it('does not take a database for a replica that is none', async () => {
		const { replica } = databases;
		await replica.sql`select pg_promote()`;
		await waitUntil('it is not used', async () => !(await isUsed()));
		assert.match(site.output(), /"error":"it is no replica of this database"/);
		assert.equal((await ask('/')).status, 200);
		assert.match(await askDoctor(), /^fault {2}replica: it is no replica\n.*DATABASE_REPLICA_URL/m);
	});
});
