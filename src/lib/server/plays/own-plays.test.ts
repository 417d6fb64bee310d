import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type RawBuilder, sql } from 'kysely';
import type { Viewer } from '#lib/auth/viewer.ts';
import { DomainError } from '#lib/server/errors.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { csv } from './csv.ts';
import { getOwnPlays, getOwnPlaysCsv } from './own-plays.ts';
import { playsByPeriod, playsByTrack, playsByTrackAndDay } from './own-queries.ts';
import { periodsUntil } from './periods.ts';

interface Plan {
	'Node Type': string;
	'Relation Name'?: string;
	'Index Name'?: string;
	'Actual Rows': number;
	'Actual Loops': number;
	Plans?: Plan[];
}

const viewer = (did: string) => ({ did, handle: 'x.test', displayName: 'X' }) as Viewer;
const artist7 = viewer('did:plc:artist7');
const now = new Date('2026-11-26T12:00:00Z');
const { daysSince, monthsSince } = periodsUntil(now);

describe('the plays an artist sees, of 200,000', () => {
	let database: TestDatabase;
	let ownIds: number[];
	before(async () => {
		database = await openTestDatabase();
		await database.sql.unsafe(TWO_HUNDRED_THOUSAND).simple();
		const rows = await database.db
			.selectFrom('tracks')
			.select('id')
			.where('artist_did', '=', artist7.did)
			.orderBy('id')
			.execute();
		ownIds = rows.map((row) => row.id);
	});
	after(() => database.close());

	/** The same, counted by hand. */
	async function countByHand(since: Date, ids: number[], until = now): Promise<number> {
		const { count } = await database.db
			.selectFrom('plays')
			.select((eb) => eb.fn.countAll<number>().as('count'))
			.where('track_id', 'in', ids)
			.where('played_at', '>=', since)
			.where('played_at', '<=', until)
			.executeTakeFirstOrThrow();
		return count;
	}
	const sum = (periods: { plays: number }[]) => periods.reduce((all, one) => all + one.plays, 0);

	it('are there day by day and month by month, also where there were none', async () => {
		const plays = await getOwnPlays(database, artist7, null, now);
		assert.equal(plays.days.length, 30);
		assert.equal(plays.days.at(0)?.period, '2026-10-28');
		assert.equal(plays.days.at(-1)?.period, '2026-11-26');
		assert.deepEqual(
			[plays.months.length, plays.months.at(0)?.period, plays.months.at(-1)?.period],
			[12, '2025-12', '2026-11']
		);
		assert.equal(sum(plays.days), await countByHand(daysSince, ownIds));
		assert.equal(sum(plays.months), await countByHand(monthsSince, ownIds));
		const [day] = plays.days;
		const nextDay = new Date(daysSince.getTime() + 86_400_000 - 1);
		assert.equal(day?.plays, await countByHand(daysSince, ownIds, nextDay));
		assert.ok(sum(plays.days) > 0);
	});

	it('are there for one track, and for no one else’s', async () => {
		const [id = 0] = ownIds;
		const plays = await getOwnPlays(database, artist7, String(id), now);
		assert.equal(plays.track?.id, id);
		assert.equal(sum(plays.months), await countByHand(monthsSince, [id]));
		assert.equal(plays.tracks.length, 10);
		await assert.rejects(
			getOwnPlays(database, viewer('did:plc:artist8'), String(id), now),
			(cause) => cause instanceof DomainError && cause.code === 'not_your_track'
		);
	});

	it('list the most played tracks first, with as many plays as there are', async () => {
		const { tracks } = await getOwnPlays(database, artist7, null, now);
		for (const [n, track] of tracks.entries()) {
			assert.ok(track.last30Days <= (tracks[n - 1]?.last30Days ?? Infinity));
			assert.equal(track.last12Months, await countByHand(monthsSince, [track.id]));
			assert.equal(track.last30Days, await countByHand(daysSince, [track.id]));
		}
	});

	it('are the same in the csv', async () => {
		const text = await getOwnPlaysCsv(database, artist7, null, now);
		const [head, ...lines] = text.trimEnd().split('\r\n');
		assert.equal(head, 'day,track_id,title,plays');
		const plays = lines.map((line) => Number(line.split(',').at(-1)));
		assert.equal(
			plays.reduce((all, one) => all + one, 0),
			await countByHand(monthsSince, ownIds)
		);
		assert.match(lines[0] ?? '', /^2025-12-01,\d+,song \d+,\d+$/);
	});

	it('cost what the artist’s own plays cost, however many others there are', async () => {
		const of = { artistDid: artist7.did, trackId: null };
		const own = await countByHand(monthsSince, ownIds);
		const queries: RawBuilder<unknown>[] = [
			playsByPeriod('day', { ...of, since: daysSince }),
			playsByPeriod('month', { ...of, since: monthsSince }),
			playsByPeriod('day', { ...of, trackId: ownIds[0] ?? 0, since: daysSince }),
			playsByTrack(artist7.did, { daysSince, monthsSince }, 101),
			playsByTrackAndDay({ ...of, since: monthsSince })
		];
		for (const query of queries) {
			const nodes = await explain(query);
			assert.ok(
				nodes.some((node) => node['Index Name'] === 'plays_of_track'),
				JSON.stringify(nodes)
			);
			for (const node of nodes) {
				assert.notEqual(node['Node Type'], 'Seq Scan', JSON.stringify(node));
				const touched = node['Actual Rows'] * node['Actual Loops'];
				assert.ok(touched <= own + 10, `${node['Node Type']} touched ${touched} of ${own}`);
			}
		}
	});

	it('and whether somebody played a track lately is read from the key', async () => {
		const nodes = await explain(
			sql`select max(played_at) from plays where track_id = ${ownIds[0]} and listener_key = decode(md5('7'), 'hex')`
		);
		assert.ok(
			nodes.some((node) => node['Index Name'] === 'plays_pkey'),
			JSON.stringify(nodes)
		);
	});

	async function explain(query: RawBuilder<unknown>): Promise<Plan[]> {
		const { rows } = await sql<{
			'QUERY PLAN': { Plan: Plan }[];
		}>`explain (analyze, format json) ${query}`.execute(database.db);
		const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
		return nodesOf(rows[0]?.['QUERY PLAN'][0]?.Plan ?? assert.fail('no plan'));
	}
});

describe('days and months', () => {
	it('are those of utc, over the ends of months and years', () => {
		const { days, months, daysSince: since } = periodsUntil(new Date('2027-01-01T00:30:00Z'));
		assert.deepEqual([days[0], days.at(-1)], ['2026-12-03', '2027-01-01']);
		assert.deepEqual([months[0], months.at(-1)], ['2026-02', '2027-01']);
		assert.equal(since.toISOString(), '2026-12-03T00:00:00.000Z');
		const leap = periodsUntil(new Date('2028-02-29T23:59:59Z'));
		assert.equal(leap.days.at(-1), '2028-02-29');
		assert.deepEqual([leap.months[0], leap.months.at(-1)], ['2027-03', '2028-02']);
	});
});

describe('csv', () => {
	it('quotes what has to be, and lets no title become a formula', () => {
		assert.equal(
			csv([
				['a', 1],
				['say "hi", you\nthere', -2],
				['=1+1', 3]
			]),
			'a,1\r\n"say ""hi"", you\nthere",-2\r\n\'=1+1,3\r\n'
		);
	});
});

/** 200 artists with ten tracks each; 100 plays of each track, over 500 days. */
const TWO_HUNDRED_THOUSAND = `
	set statement_timeout = 0;
	insert into artists (did, handle, display_name)
		select 'did:plc:artist' || n, 'artist' || n || '.test', 'Artist ' || n from generate_series(0, 199) n;
	insert into audio_files (file_id, sha256, storage_key, file_type, content_type, size_bytes)
		select left(hash, 16), hash, 'audio/' || left(hash, 16) || '.mp3', 'mp3', 'audio/mpeg', 1
		from (select encode(sha256(n::text::bytea), 'hex') as hash from generate_series(1, 2000) n) hashes;
	insert into tracks (artist_did, rkey, record_uri, record_cid, title, file_id, original_file_id, created_at)
		select 'did:plc:artist' || n % 200, 'r' || n, 'at://' || n, 'cid', 'song ' || n, file, file, now()
		from (select n, left(encode(sha256(n::text::bytea), 'hex'), 16) as file from generate_series(1, 2000) n) numbered;
	insert into plays (track_id, listener_key, played_at)
		select tracks.id, decode(md5((n % 50)::text), 'hex'),
			timestamptz '2026-11-26 11:00:00Z' - make_interval(hours => 120 * n + (tracks.id * 7 % 120)::int)
		from tracks, generate_series(0, 99) n;
	analyze`;
