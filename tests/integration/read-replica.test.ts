import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readConfig } from '#lib/server/config.ts';
import { startEmbeddedPostgres } from '#lib/server/db/embedded-postgres.ts';
import { openReplica } from '#lib/server/db/replica.ts';
import { createLogger } from '#lib/server/log.ts';
import { createMetrics } from '#lib/server/metrics/metrics.ts';
import { runPlyr } from '../../src/cli/run-plyr.ts';
import { freePort } from '../free-port.ts';
import { everyRoute } from './every-route.ts';
import { waitUntil } from './like-steps.ts';
import { type LocalSite, startApplication, startLocalSite } from './local-site.ts';
import { becomeArtist, publishTrack } from './published-music.ts';
import {
	type ReplicatedDatabase,
	type Server,
	startReplicatedDatabase
} from './replicated-database.ts';
import type { Visitor } from './visitor.ts';

const LAG_S = 5;

const addressOf = ({ port }: Server) => `postgres://plyr@127.0.0.1:${port}/postgres`;

const PLACES = ['replica', 'behind', 'away', 'failed', 'again'] as const;
type Places = Record<(typeof PLACES)[number], number>;

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
		return Object.fromEntries(PLACES.map((place) => [place, count(place)])) as Places;
	};
	/** What the replica has learnt last stays so until it is resumed. */
	const pauseReplica = async () => {
		const { sql } = databases.replica;
		await sql`select pg_wal_replay_pause()`;
		await waitUntil('it is paused', async () => {
			const [row] = await sql<{ state: string }[]>`
				select pg_get_wal_replay_pause_state() as state`;
			return row?.state === 'paused';
		});
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
		assert.deepEqual({ ...since, replica: 0, again: 0 }, { ...before, replica: 0, again: 0 });
	});

	it('has whoever likes a track looked up again without asking the replica to write', async () => {
		const { sql } = databases.primary;
		const did = 'did:plc:longago';
		await sql`insert into people (did, resolved_at) values (${did}, now() - interval '2 days')`;
		await sql`
			insert into likes (did, rkey, record_uri, record_cid, track_id, subject_uri, subject_cid)
			select ${did}, 'one', ${`at://${did}/fm.plyr.dev.like/one`}, 'cid', id, record_uri, record_cid
			from tracks where id = ${id}`;
		const before = await readPlaces();
		const isWanted = async () => {
			await ask(`/api/tracks/${id}/likes`);
			const [row] = await sql<{ isWanted: boolean }[]>`
				select wanted_at is not null or resolved_at > now() - interval '1 day' as "isWanted"
				from people where did = ${did}`;
			return row?.isWanted === true;
		};
		await waitUntil('somebody is wanted', isWanted);
		const since = await readPlaces();
		assert.ok(since.replica > before.replica);
		assert.equal(since.failed, before.failed);
	});

	it('looks for what it does not have yet in the database itself', async () => {
		const { primary, replica } = databases;
		// until then it is near enough
		await pauseReplica();
		try {
			const file = 'f'.repeat(16);
			await primary.sql`
				insert into audio_files (file_id, sha256, storage_key, file_type, content_type, size_bytes)
				values (${file}, ${file.repeat(4)}, ${`audio/${file}`}, 'mp3', 'audio/mpeg', 1)`;
			const [row] = await primary.sql<[{ id: number }]>`
				insert into tracks (artist_did, rkey, record_uri, record_cid, title, features, file_id,
					original_file_id, duration_ms, created_at)
				select artist_did, 'new', record_uri || 'new', record_cid, 'a moment ago', features, file_id,
					${file}, duration_ms, now()
				from tracks where id = ${id} returning id`;
			const before = await readPlaces();
			const url = encodeURIComponent(`${site.url}/track/${row.id}`);
			const paths = [
				`/track/${row.id}`,
				`/api/tracks/${row.id}`,
				`/embed/track/${row.id}`,
				`/oembed?url=${url}`
			];
			for (const path of paths) {
				const { status, text } = await ask(path);
				assert.equal(status, 200, path);
				assert.match(text, /a moment ago/, path);
			}
			const since = await readPlaces();
			assert.equal(since.behind + since.away, before.behind + before.away);
			assert.equal(since.again, before.again + paths.length);
			await primary.sql`delete from tracks where id = ${row.id}`;
		} finally {
			await replica.sql`select pg_wal_replay_resume()`;
		}
		await untilUsed();
	});

	it('asks the database itself for little of what nobody has', async () => {
		// after a rest it may be twenty at once, whatever was asked before
		await sleep(4_000);
		const before = await readPlaces();
		const startedAt = performance.now();
		const guesses = Array.from({ length: 200 }, (_, i) => ask(`/api/tracks/${900_000 + i}`));
		const statuses = new Set((await Promise.all(guesses)).map(({ status }) => status));
		assert.deepEqual([...statuses], [404]);
		const again = (await readPlaces()).again - before.again;
		const most = 21 + (5 * (performance.now() - startedAt)) / 1000;
		assert.ok(again >= 20 && again <= most, `${again} of 200 were asked again, not ${most}`);
	});

	const askDoctor = async (changes: NodeJS.ProcessEnv = {}): Promise<string> => {
		const said: string[] = [];
		const env = { ...site.env, ...changes };
		await runPlyr(['doctor'], { env, say: (line) => said.push(line) });
		return said.join('\n');
	};

	it('is said to be well', async () => {
		assert.match(
			await askDoctor(),
			/^ok {5}replica: it is 0\.\d MB behind$[^]*^nothing is wrong$/m
		);
	});

	it('is not taken for the database itself: that is the first thing to be said of it', async () => {
		const port = String(await freePort());
		const env = { ...site.env, DATABASE_URL: site.env['DATABASE_REPLICA_URL'], PORT: port };
		const said = await askDoctor({ DATABASE_URL: env.DATABASE_URL });
		const [first] = said.split('\n').filter((line) => line.startsWith('fault'));
		assert.match(first ?? '', /^fault {2}database: DATABASE_URL leads to a replica/, said);
		assert.match(said, /→ let DATABASE_URL name the database that it streams from/);
		const starting = startApplication(env, `http://127.0.0.1:${port}`);
		await assert.rejects(starting, /DATABASE_URL leads to a replica, which only reads/);
	});

	it('reads for who is signed in from the database itself', async () => {
		const before = await readPlaces();
		for (const path of ['/', `/track/${id}`, '/search?q=title', '/portal', '/api/tracks/']) {
			assert.equal((await alice.open(path)).status, 200, path);
		}
		assert.deepEqual(await readPlaces(), before);
	});

	it('reads from it what is the same whoever asks, and kept by caches', async () => {
		const page = encodeURIComponent(`${site.url}/track/${id}`);
		const paths = [
			`/embed/track/${id}`,
			`/oembed?url=${page}`,
			'/feed.xml',
			'/u/alice.test/feed.atom',
			'/sitemap-tracks-1.xml'
		];
		for (const path of paths) {
			const before = await readPlaces();
			assert.equal((await alice.open(path)).status, 200, path);
			assert.ok((await readPlaces()).replica > before.replica, path);
		}
	});

	it('shows what is near enough, and what is not from the database itself', async () => {
		const { primary, replica } = databases;
		const noted = lines('replica_not_used');
		await pauseReplica();
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

	it('is read for those who are not signed in while the database itself is away', async () => {
		const { primary } = databases;
		await primary.stop();
		const isNoticed = () => Promise.resolve(lines('database_not_heard_of') > 0);
		await waitUntil('it is noticed', isNoticed);
		// longer than it may be behind otherwise
		await sleep((LAG_S + 2) * 1_000);
		for (const path of ['/', `/track/${id}`, '/search?q=title', '/api/tracks/', '/feed.xml']) {
			assert.equal((await ask(path)).status, 200, path);
		}
		assert.equal((await alice.open('/portal')).status, 503);
		assert.deepEqual([(await ask('/ready')).status, (await ask('/health')).status], [503, 200]);
		const startedAt = performance.now();
		assert.equal((await ask('/track/999999')).status, 404);
		assert.ok(performance.now() - startedAt < 1_000, 'it is not asked again of what is away');
		await primary.start();
		await waitUntil('it is back', async () => (await alice.open('/portal')).status === 200);
		await waitUntil('that is noticed', () => Promise.resolve(lines('database_heard_of') > 0));
		// which it tries every five seconds
		await waitUntil('the replica follows again', async () => {
			const rows = await primary.sql`select 1 from pg_stat_replication where state = 'streaming'`;
			return rows.length > 0;
		});
		await untilUsed();
	});

	it('is not taken for one of another database, which it seems to be ahead of', async () => {
		// those of other tests are copies of one, and have its name
		const dir = await mkdtemp(path.join(tmpdir(), 'plyr-other-'));
		await chmod(dir, 0o711);
		const server = await startEmbeddedPostgres(dir, () => undefined);
		const { database: options } = readConfig({});
		const replica = openReplica(addressOf(databases.replica), server.address, options, {
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
			await server.stop();
			await rm(dir, { recursive: true, force: true });
		}
	});

	it('does not take a database for a replica that is none', async () => {
		const { replica } = databases;
		await replica.sql`select pg_promote()`;
		await waitUntil('it is not used', async () => !(await isUsed()));
		const said = site
			.output()
			.split('\n')
			.filter((line) => line.includes('"replica_not_used"'));
		assert.match(said.at(-1) ?? '', /"error":"it is no replica of this database"/);
		assert.equal((await ask('/')).status, 200);
		assert.match(await askDoctor(), /^fault {2}replica: it is no replica\n.*DATABASE_REPLICA_URL/m);
	});
});
