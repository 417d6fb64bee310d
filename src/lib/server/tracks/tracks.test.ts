import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from 'kysely';
import type { Viewer } from '#lib/auth/viewer.ts';
import { readConfig } from '#lib/server/config.ts';
import { KeysetPage } from '#lib/server/db/keyset.ts';
import { DomainError } from '#lib/server/errors.ts';
import { seedArtist, seedAudioFile, seedImage } from '#lib/server/testing/seeds.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { newestTracks } from './queries.ts';
import { answerTrack, answerTracks, answerTracksById } from './tracks-api.ts';
import {
	getPeaks,
	getStreamedFile,
	getTrack,
	listNewestTracks,
	listOwnTracks,
	pageOfTracks
} from './tracks.ts';

const alice = 'did:plc:alice';
const bob = 'did:plc:bob';
const config = readConfig({ PUBLIC_URL: 'https://plyr.example.org', DATA_DIR: '/nowhere' });

const hasStatus = (status: number) => (cause: unknown) =>
	cause instanceof DomainError && cause.status === status;

describe('reading tracks', () => {
	let database: TestDatabase;
	before(async () => {
		database = await openTestDatabase();
		const { db } = database;
		await seedArtist(db, alice, 'Alice');
		await seedArtist(db, bob, 'Bob');
		await db
			.updateTable('artists')
			.set({ pds_url: 'https://pds.example.org' })
			.where('did', '=', bob)
			.execute();
		for (let n = 0; n < 7; n++) {
			const fileId = await seedAudioFile(db, `song ${n}`);
			await db
				.insertInto('tracks')
				.values({
					artist_did: n % 2 === 0 ? alice : bob,
					rkey: `rkey${n}`,
					record_uri: `at://${n % 2 === 0 ? alice : bob}/fm.plyr.track/rkey${n}`,
					record_cid: `cid${n}`,
					title: `song ${n}`,
					features: '[]',
					file_id: fileId,
					original_file_id: fileId,
					// three of them at the very same moment
					created_at: new Date(Date.UTC(2026, 0, 1, 0, 0, Math.floor(n / 3)))
				})
				.execute();
		}
	});
	after(() => database.close());

	it('lists the newest first, page by page, each exactly once', async () => {
		const seen: string[] = [];
		let cursor: string | undefined;
		do {
			const page = await listNewestTracks(database, null, { limit: 2, cursor });
			assert.ok(page.tracks.length <= 2);
			seen.push(...page.tracks.map((track) => track.title));
			cursor = page.nextCursor ?? undefined;
		} while (cursor !== undefined);
		assert.deepEqual(
			seen,
			[6, 5, 4, 3, 2, 1, 0].map((n) => `song ${n}`)
		);
	});

	it('does not move when a track is published between two pages', async () => {
		const { nextCursor } = await listNewestTracks(database, null, { limit: 3 });
		const fileId = await seedAudioFile(database.db, 'a new one');
		await database.db
			.insertInto('tracks')
			.values({
				artist_did: alice,
				rkey: 'new',
				record_uri: `at://${alice}/fm.plyr.track/new`,
				record_cid: 'cid',
				title: 'a new one',
				features: '[]',
				file_id: fileId,
				original_file_id: fileId,
				created_at: new Date()
			})
			.execute();
		const next = await listNewestTracks(database, null, { limit: 3, cursor: nextCursor ?? '' });
		assert.deepEqual(
			next.tracks.map((track) => track.title),
			['song 3', 'song 2', 'song 1']
		);
		await database.db.deleteFrom('tracks').where('rkey', '=', 'new').execute();
	});

	it('lists the tracks of one artist, and one’s own', async () => {
		const { tracks } = await listNewestTracks(database, null, { artistDid: bob });
		assert.deepEqual(
			tracks.map((track) => track.title),
			['song 5', 'song 3', 'song 1']
		);
		const viewer: Viewer = { did: bob, handle: 'bob.test', displayName: 'Bob', avatarUrl: null };
		const own = await listOwnTracks(database, viewer);
		// what a viewer likes is said as of when it was read
		const asOf = own.tracks.map(({ likesAsOf }) => Number.isInteger(likesAsOf));
		assert.deepEqual(asOf, [true, true, true]);
		const withoutTime = own.tracks.map(({ likesAsOf: _, ...track }) => track);
		assert.deepEqual(withoutTime, tracks);
		await assert.rejects(listOwnTracks(database, null), hasStatus(401));
	});

	it('finds one, and says that there is none', async () => {
		const [first] = (await listNewestTracks(database, null)).tracks;
		assert.deepEqual(await getTrack(database, null, first?.id ?? 0), first);
		for (const id of [0, -1, 1.5, NaN, 1e12, 2 ** 60]) {
			await assert.rejects(getTrack(database, null, id), hasStatus(404), String(id));
		}
		await assert.rejects(answerTrack({ ...database, config }, null, 'abc'), hasStatus(422));
	});

	it('serves what a track streams and nothing else', async () => {
		const [track] = (await listNewestTracks(database, null)).tracks;
		const file = await getStreamedFile(database, track?.fileId ?? '');
		assert.equal(file.storage_key, `audio/${track?.fileId}.mp3`);
		const original = await seedAudioFile(database.db, 'an original nobody streams');
		for (const id of [original, '0123456789abcdef', '../../etc/passwd', '']) {
			await assert.rejects(getStreamedFile(database, id), hasStatus(404), id);
		}
	});

	it('serves the smaller file of what a track streams, as long as it does, and names it', async () => {
		const { db } = database;
		const [track] = (await listNewestTracks(database, null)).tracks;
		const id = track?.id ?? 0;
		const smaller = await seedAudioFile(db, 'the same in small');
		await assert.rejects(getStreamedFile(database, smaller), hasStatus(404));
		const row = { of_file_id: track?.fileId ?? '', attempts: 1 };
		await db.insertInto('smaller_files').values(row).execute();
		assert.equal((await getTrack(database, null, id)).smallerFileId, null, 'it is being made');
		await db.updateTable('smaller_files').set({ file_id: smaller }).execute();
		assert.equal((await getTrack(database, null, id)).smallerFileId, smaller);
		const answered = await answerTrack({ ...database, config }, null, String(id));
		assert.equal(answered.smaller_file_id, smaller);
		const { storage_key: key } = await getStreamedFile(database, smaller);
		assert.equal(key, `audio/${smaller}.mp3`);
		const show = (visibility: 'unlisted' | 'deleting' | 'public') =>
			db.updateTable('tracks').set({ visibility }).where('id', '=', id).execute();
		await show('unlisted');
		await getStreamedFile(database, smaller);
		await show('deleting');
		await assert.rejects(getStreamedFile(database, smaller), hasStatus(404));
		await show('public');
		await db.deleteFrom('smaller_files').execute();
	});

	it('tells the peaks of what a track streams, as long as it does, and of nothing else', async () => {
		const { db } = database;
		const [track] = (await listNewestTracks(database, null)).tracks;
		const fileId = track?.fileId ?? '';
		await assert.rejects(getPeaks(database, fileId), hasStatus(404), 'not known');
		const peaks = Buffer.from(Array.from({ length: 1800 }, (_, index) => index % 256));
		await db.updateTable('audio_files').set({ peaks }).execute();
		assert.deepEqual(Buffer.from(await getPeaks(database, fileId)), peaks);
		const original = await seedAudioFile(db, 'another original nobody streams');
		for (const id of [original, '0123456789abcdef', '../../etc/passwd', '']) {
			await assert.rejects(getPeaks(database, id), hasStatus(404), id);
		}
		const show = (visibility: 'unlisted' | 'deleting' | 'public') =>
			db
				.updateTable('tracks')
				.set({ visibility })
				.where('id', '=', track?.id ?? 0)
				.execute();
		await show('unlisted');
		assert.equal((await getPeaks(database, fileId)).length, 1800);
		await show('deleting');
		await assert.rejects(getPeaks(database, fileId), hasStatus(404));
		await show('public');
	});

	it('lists what is unlisted for its artist only, and what is being deleted for nobody', async () => {
		const { db } = database;
		const hide = (rkey: string, visibility: 'unlisted' | 'deleting' | 'public') =>
			db.updateTable('tracks').set({ visibility }).where('rkey', '=', rkey).execute();
		const listed = async (isOwn: boolean) =>
			(await pageOfTracks(database, { artistDid: bob, isOwn, limit: '100' })).items.length;
		const all = await listed(true);
		await hide('rkey5', 'unlisted');
		assert.equal(await listed(true), all);
		assert.equal(await listed(false), all - 1);
		await hide('rkey5', 'deleting');
		assert.equal(await listed(true), all - 1);
		assert.equal(await listed(false), all - 1);
		await hide('rkey5', 'public');
	});

	it('answers tracks by their ids: in that order, each once, without what is gone', async () => {
		const { db } = database;
		const ctx = { ...database, config };
		const { items } = await pageOfTracks(database, { limit: '3' });
		const [a = 0, b = 0, c = 0] = items.map(({ id }) => id);
		const show = (id: number, visibility: 'unlisted' | 'deleting' | 'public') =>
			db.updateTable('tracks').set({ visibility }).where('id', '=', id).execute();
		await show(b, 'unlisted');
		await show(c, 'deleting');
		const { tracks } = await answerTracksById(ctx, null, `${b},999999,${a},${c},${b}`);
		assert.deepEqual(
			tracks.map(({ id }) => id),
			[b, a]
		);
		assert.deepEqual(tracks[1], await answerTrack(ctx, null, String(a)));
		await Promise.all([show(b, 'public'), show(c, 'public')]);
		const tooMany = Array.from({ length: 101 }, (_, n) => n + 1).join(',');
		for (const ids of ['', 'one', '1,', '1, 2', '-1', '0', '1.5', '9'.repeat(20), tooMany]) {
			await assert.rejects(answerTracksById(ctx, null, ids), hasStatus(422), ids);
		}
	});

	it('answers the api in the form its clients know', async () => {
		const { db } = database;
		const imageId = await seedImage(db, 'a cover');
		const { id: albumId } = await db
			.insertInto('albums')
			.values({ artist_did: bob, slug: 'lp', title: 'LP', image_id: imageId })
			.returning('id')
			.executeTakeFirstOrThrow();
		await db
			.updateTable('tracks')
			.set({
				album_id: albumId,
				features: JSON.stringify([{ did: alice, handle: 'alice.test' }]),
				duration_ms: 61_500
			})
			.where('rkey', '=', 'rkey5')
			.execute();
		const other = { album_id: albumId, duration_ms: 30_000 };
		await db.updateTable('tracks').set(other).where('rkey', '=', 'rkey3').execute();
		const measured = { rkey5: [-20, -6], rkey3: [-10, -1] } as const;
		for (const [rkey, [loudness_lufs, true_peak_dbtp]] of Object.entries(measured)) {
			const file = db.selectFrom('tracks').select('file_id').where('rkey', '=', rkey);
			const analysis = { loudness_lufs, true_peak_dbtp, codec: 'mp3' };
			await db.updateTable('audio_files').set(analysis).where('file_id', '=', file).execute();
		}
		const { tracks, next_cursor } = await answerTracks({ ...database, config }, null, {
			artistDid: bob,
			limit: '1'
		});
		assert.match(next_cursor ?? '', /^[0-9a-z]+\.[0-9a-z]+$/);
		const [found = assert.fail('no track')] = tracks;
		// of a minute and a half at -20 and -10, by energy
		const energy = (61.5 * 10 ** -2 + 30 * 10 ** -1) / 91.5;
		const ofAlbum = found.album?.loudness?.lufs ?? 0;
		assert.ok(Math.abs(ofAlbum - 10 * Math.log10(energy)) < 0.01, `${ofAlbum} LUFS`);
		const { id, file_id: fileId, ...track } = found;
		assert.ok(id > 0);
		assert.deepEqual(track, {
			title: 'song 5',
			artist: 'Bob',
			artist_did: bob,
			artist_handle: 'bob.test',
			artist_avatar_url: null,
			description: null,
			file_type: 'mp3',
			codec: 'mp3',
			smaller_file_id: null,
			features: [
				{ did: alice, handle: 'alice.test', display_name: 'alice.test', avatar_url: null }
			],
			r2_url: `https://plyr.example.org/audio/${fileId}`,
			atproto_record_uri: `at://${bob}/fm.plyr.track/rkey5`,
			atproto_record_cid: 'cid5',
			atproto_record_url: `https://pds.example.org/xrpc/com.atproto.repo.getRecord?repo=did%3Aplc%3Abob&collection=fm.plyr.track&rkey=rkey5`,
			play_count: 0,
			duration_ms: 61_500,
			loudness: { lufs: -20, true_peak_dbtp: -6 },
			tags: [],
			is_explicit: false,
			is_unlisted: false,
			created_at: '2026-01-01T00:00:01.000Z',
			image_url: null,
			is_liked: false,
			like_count: 0,
			album: {
				id: albumId,
				slug: 'lp',
				title: 'LP',
				image_url: `https://plyr.example.org/images/${imageId}?size=1200`,
				loudness: { lufs: ofAlbum, true_peak_dbtp: -1 }
			}
		});
	});
});

interface Plan {
	'Node Type': string;
	'Index Name'?: string;
	'Relation Name'?: string;
	'Actual Rows': number;
	'Actual Loops': number;
	Plans?: Plan[];
}

describe('with fifty thousand tracks', () => {
	let database: TestDatabase;
	before(async () => {
		database = await openTestDatabase();
		await database.sql.unsafe(FIFTY_THOUSAND).simple();
	});
	after(() => database.close());

	const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

	async function explain(page: KeysetPage, artistDid?: string): Promise<Plan[]> {
		const query = newestTracks(database.db, page, { artistDid });
		const [answer] = await query.explain('json', sql`analyze`);
		const plans = answer?.['QUERY PLAN'] as { Plan: Plan }[];
		return nodesOf(plans[0]?.Plan ?? assert.fail('no plan'));
	}

	/** However many there are, a page costs what a page holds. */
	function assertCheap(nodes: Plan[], indexName: string) {
		assert.ok(
			nodes.some((node) => node['Index Name'] === indexName),
			JSON.stringify(nodes)
		);
		for (const node of nodes) {
			const touched = node['Actual Rows'] * node['Actual Loops'];
			assert.ok(touched <= 60, `${node['Node Type']} touched ${touched} rows`);
			// two hundred artists are three pages: reading them all is cheaper than asking an index
			const reads = node['Node Type'] === 'Seq Scan' ? node['Relation Name'] : 'artists';
			assert.equal(reads, 'artists');
		}
	}

	const middle = { createdAt: new Date(Date.UTC(2026, 0, 1, 0, 0, 25_000)), id: 25_000 };

	it('the newest come straight from the index', async () => {
		assertCheap(await explain(new KeysetPage(50)), 'tracks_newest_public');
	});

	it('so do those in the middle', async () => {
		assertCheap(await explain(new KeysetPage(50, middle)), 'tracks_newest_public');
	});

	it('and those of one artist, of many tracks or few', async () => {
		for (const artist of ['did:plc:many', 'did:plc:artist7']) {
			assertCheap(await explain(new KeysetPage(50), artist), 'tracks_of_artist_public');
			assertCheap(await explain(new KeysetPage(50, middle), artist), 'tracks_of_artist_public');
		}
	});
});

/** 200 artists, one of whom has a quarter of all tracks, in 5,000 albums. */
const FIFTY_THOUSAND = `
	set statement_timeout = 0;
	set session_replication_role = replica;
	insert into artists (did, handle, display_name)
		select 'did:plc:artist' || n, 'artist' || n || '.test', 'Artist ' || n from generate_series(1, 199) n
		union all select 'did:plc:many', 'many.test', 'Many';
	insert into audio_files (file_id, sha256, storage_key, file_type, content_type, size_bytes)
		select left(hash, 16), hash, 'audio/' || left(hash, 16) || '.mp3', 'mp3', 'audio/mpeg', 1
		from (select encode(sha256(n::text::bytea), 'hex') as hash from generate_series(1, 50000) n) hashes;
	insert into audio_files (file_id, sha256, storage_key, file_type, content_type, size_bytes)
		select left(hash, 16), hash, 'audio/' || left(hash, 16) || '.mp3', 'mp3', 'audio/mpeg', 1
		from (select encode(sha256(('smaller ' || n)::bytea), 'hex') as hash from generate_series(1, 50000) n) hashes;
	insert into smaller_files (of_file_id, file_id)
		select left(encode(sha256(n::text::bytea), 'hex'), 16), left(encode(sha256(('smaller ' || n)::bytea), 'hex'), 16)
		from generate_series(1, 50000) n;
	insert into images (image_id, sha256, renditions, width_px, height_px)
		select left(hash, 16), hash, '{}', 1, 1
		from (select encode(sha256(n::text::bytea), 'hex') as hash from generate_series(1, 20000) n) hashes;
	insert into albums (artist_did, slug, title)
		select 'did:plc:artist' || (1 + n % 199), 'album-' || n, 'Album ' || n from generate_series(1, 5000) n;
	insert into tracks (artist_did, rkey, record_uri, record_cid, title, file_id, original_file_id, image_id, album_id, created_at)
		select artist, 'r' || n, 'at://' || artist || '/fm.plyr.track/r' || n, 'cid', 'song ' || n, file, file,
			left(encode(sha256((1 + n % 20000)::text::bytea), 'hex'), 16), albums.id, timestamptz '2026-01-01 00:00:00Z' + make_interval(secs => n)
		from (
			select n, left(encode(sha256(n::text::bytea), 'hex'), 16) as file,
				case when n % 4 = 0 then 'did:plc:many' else 'did:plc:artist' || (1 + n % 199) end as artist
			from generate_series(1, 50000) n
		) numbered
		join albums on albums.slug = 'album-' || (n % 5000 + 1);
	insert into track_tags (track_id, tag) select id, 'tag ' || id % 100 from tracks;
	update audio_files set loudness_lufs = -14, true_peak_dbtp = -1;
	insert into album_loudness select * from measured_album_loudness;
	set session_replication_role = origin;
	analyze`;
