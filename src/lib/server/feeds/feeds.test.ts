import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { readConfig } from '#lib/server/config.ts';
import { DomainError } from '#lib/server/errors.ts';
import { seedArtist, seedAudioFile, seedImage } from '#lib/server/testing/seeds.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { assertValidXml, xpathTexts } from '../../../../tests/validators/xml.ts';
import { atomOf } from './atom.ts';
import type { Feed } from './feed.ts';
import { type FeedSubject, openFeed } from './open-feed.ts';
import { rssOf } from './rss.ts';

const alice = 'did:plc:alice';
const bob = 'did:plc:bob';
const config = readConfig({ PUBLIC_URL: 'https://plyr.example.org', DATA_DIR: '/nowhere' });
const HOSTILE = `]]></title><script>alert(1)</script>&amp; "quoted" 'single' \u202eright \u0001\u0008 <b>bold`;
const FIRST_DAY = Date.UTC(2026, 0, 1);

describe('feeds', () => {
	let database: TestDatabase;
	let albumId: string;
	const ctx = () => ({ db: database.db, config });

	async function seedTrack(
		n: number,
		more: { did?: string; title?: string; tag?: string; albumPosition?: number; hidden?: true } = {}
	): Promise<number> {
		const { db } = database;
		const did = more.did ?? alice;
		const fileId = await seedAudioFile(db, `music of ${n}`);
		const { id } = await db
			.insertInto('tracks')
			.values({
				artist_did: did,
				rkey: `r${n}`,
				record_uri: `at://${did}/fm.plyr.track/r${n}`,
				record_cid: `cid${n}`,
				title: more.title ?? `song ${n}`,
				description: more.title ? `${HOSTILE}\nsecond line` : null,
				features: JSON.stringify(
					more.title ? [{ did: bob, handle: 'bob.test', displayName: `Bob ${HOSTILE}` }] : []
				),
				file_id: fileId,
				original_file_id: fileId,
				duration_ms: 61_400,
				image_id: more.title ? await seedImage(db, 'cover') : null,
				album_id: more.albumPosition === undefined ? null : albumId,
				album_position: more.albumPosition ?? null,
				visibility: more.hidden ? 'unlisted' : 'public',
				is_explicit: more.title !== undefined,
				created_at: new Date(FIRST_DAY + n * 60_000)
			})
			.returning('id')
			.executeTakeFirstOrThrow();
		const tags = more.tag === undefined ? [] : [{ track_id: id, tag: more.tag }];
		if (tags.length > 0) await db.insertInto('track_tags').values(tags).execute();
		return id;
	}

	before(async () => {
		database = await openTestDatabase();
		const { db } = database;
		await seedArtist(db, alice, `Alice ${HOSTILE}`);
		await seedArtist(db, bob, 'Bob');
		const album = await db
			.insertInto('albums')
			.values({ artist_did: alice, slug: 'the-album', title: `The ${HOSTILE}` })
			.returning('id')
			.executeTakeFirstOrThrow();
		albumId = album.id;
		for (let n = 0; n < 52; n++) await seedTrack(n);
		// published in another order than they are listed
		await seedTrack(60, { albumPosition: 300, title: HOSTILE, tag: 'drum & bass' });
		await seedTrack(61, { albumPosition: 200 });
		await seedTrack(62, { albumPosition: 100, hidden: true, tag: 'secret' });
		await seedTrack(63, { did: bob });
	});
	after(() => database.close());

	async function open(subject: FeedSubject, cursor: string | null = null): Promise<Feed> {
		const feed = await openFeed(ctx(), subject, cursor);
		assert.ok(!('movedTo' in feed));
		return feed;
	}

	const subjects: FeedSubject[] = [
		{ kind: 'site' },
		{ kind: 'artist', handle: 'alice.test' },
		{ kind: 'album', handle: 'alice.test', slug: 'the-album' },
		{ kind: 'tag', tag: 'drum & bass' }
	];
	for (const subject of subjects) {
		it(`of ${subject.kind} are valid RSS and Atom, whatever artists call things`, async () => {
			const feed = await open(subject);
			await assertValidXml(rssOf(feed), 'rss');
			await assertValidXml(atomOf(feed), 'atom');
			assert.ok(!feed.items.some((item) => item.guid.endsWith('/r62')), 'unlisted');
		});
	}

	it('keep what artists wrote, as text', async () => {
		const feed = await open({ kind: 'tag', tag: 'drum & bass' });
		const visible = HOSTILE.replace(/[\u0001\u0008]/g, '');
		const read = (document: string, expression: string) =>
			xpathTexts(document, `string(${expression})`);
		assert.equal(await read(rssOf(feed), '/rss/channel/item/title'), visible);
		assert.equal(
			await read(atomOf(feed), '//*[local-name()="entry"]/*[local-name()="title"]'),
			visible
		);
		assert.equal(
			await read(atomOf(feed), '//*[local-name()="content"]'),
			`${visible}\nsecond line`
		);
		// the description of RSS is HTML: there, nothing of it is markup but the line
		const html = await read(rssOf(feed), '/rss/channel/item/description');
		assert.match(html, /&lt;script&gt;.*&lt;b&gt;bold<br>\nsecond line$/s);
		assert.doesNotMatch(html, /<(?!br>)/);
	});

	it('say what is streamed, how long it is and who made it', async () => {
		const { items } = await open({ kind: 'tag', tag: 'drum & bass' });
		const [item] = items;
		assert.ok(item);
		assert.equal(item.guid, `at://${alice}/fm.plyr.track/r60`);
		assert.equal(item.audio.sizeBytes, 'music of 60'.length);
		assert.equal(item.audio.type, 'audio/mpeg');
		assert.match(item.audio.url, /^https:\/\/plyr\.example\.org\/audio\/[0-9a-f]{16}$/);
		assert.match(item.imageUrl, /\?size=1400&shape=square&format=jpeg$/);
		const rss = rssOf({ ...(await open({ kind: 'site' })), items });
		assert.match(rss, /<itunes:duration>61<\/itunes:duration>/);
		assert.match(rss, /<itunes:explicit>true<\/itunes:explicit>/);
		assert.match(
			rss,
			/<podcast:person role="guest" href="https:\/\/bsky\.app\/profile\/did%3Aplc%3Abob">Bob/
		);
	});

	it('are the newest first, in pages that lead on', async () => {
		const first = await open({ kind: 'artist', handle: 'alice.test' });
		assert.equal(first.items.length, 50);
		assert.equal(first.items[0]?.title, 'song 61');
		assert.ok(first.nextCursor);
		assert.match(rssOf(first), /<atom:link rel="next"[^>]*\?cursor=/);
		assert.doesNotMatch(rssOf(first), /rel="first"/);
		const second = await open({ kind: 'artist', handle: 'alice.test' }, first.nextCursor);
		assert.deepEqual(
			second.items.map((item) => item.title),
			['song 3', 'song 2', 'song 1', 'song 0']
		);
		assert.equal(second.nextCursor, null);
		assert.match(rssOf(second), /rel="self"[^>]*\?cursor=.*rel="first"/);
		assert.doesNotMatch(rssOf(second), /rel="next"/);
		const guid = /<podcast:guid>.*?</;
		assert.equal(guid.exec(rssOf(first))?.[0], guid.exec(rssOf(second))?.[0]);
	});

	it('of an album are in its order, and each track has its number', async () => {
		const feed = await open({ kind: 'album', handle: alice, slug: 'the-album' });
		assert.deepEqual(
			feed.items.map(({ guid, number }) => [guid.split('/').at(-1), number]),
			[
				['r61', 1],
				['r60', 2]
			]
		);
		assert.match(rssOf(feed), /<itunes:type>serial</);
	});

	it('keep the guid of a podcast when a handle changes', async () => {
		const guidOf = async (handle: string) =>
			/<podcast:guid>(.*?)</.exec(rssOf(await open({ kind: 'artist', handle })))?.[1];
		const before = await guidOf('bob.test');
		const rename = (handle: string) =>
			database.db.updateTable('artists').set({ handle }).where('did', '=', bob).execute();
		await rename('robert.test');
		assert.equal(await guidOf('robert.test'), before);
		await rename('bob.test');
	});

	it('lead to an artist without a handle that holds by the did', async () => {
		const rename = (handle: string) =>
			database.db.updateTable('artists').set({ handle }).where('did', '=', alice).execute();
		await rename('handle.invalid');
		const ofAlbum = await open({ kind: 'album', handle: alice, slug: 'the-album' });
		const ofArtist = await open({ kind: 'artist', handle: alice });
		await rename('alice.test');
		const page = `https://plyr.example.org/u/${alice}`;
		assert.equal(ofAlbum.items[0]?.artist.url, page);
		assert.equal(ofAlbum.author?.url, page);
		assert.ok(ofAlbum.pageUrl.startsWith(`${page}/album/`), ofAlbum.pageUrl);
		assert.equal(ofArtist.pageUrl, page);
	});

	it('are there of nothing else', async () => {
		const is = (status: number) => (cause: unknown) =>
			cause instanceof DomainError && cause.status === status;
		const nothing: FeedSubject[] = [
			{ kind: 'artist', handle: 'nobody.test' },
			{ kind: 'album', handle: 'alice.test', slug: 'no-such' },
			{ kind: 'tag', tag: 'secret' },
			{ kind: 'tag', tag: ' ' }
		];
		for (const subject of nothing) await assert.rejects(open(subject), is(404));
		await assert.rejects(open({ kind: 'site' }, 'nonsense'), is(422));
		await assert.rejects(
			open({ kind: 'album', handle: alice, slug: 'the-album' }, 'nonsense'),
			is(422)
		);
	});

	it('of a tag written otherwise are where it is written as it is kept', async () => {
		assert.deepEqual(await openFeed(ctx(), { kind: 'tag', tag: 'Drum  & Bass' }, null), {
			movedTo: '/tag/drum%20%26%20bass'
		});
	});
});
