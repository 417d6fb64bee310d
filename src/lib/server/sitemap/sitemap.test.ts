import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { readConfig } from '#lib/server/config.ts';
import { DomainError } from '#lib/server/errors.ts';
import { seedArtist, seedAudioFile, seedImage } from '#lib/server/testing/seeds.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { assertValidXml } from '../../../../tests/validators/xml.ts';
import { robotsTxt } from './robots.ts';
import { openSitemap, sitemapIndex } from './sitemap.ts';

const site = 'https://plyr.example.org';
const config = readConfig({ PUBLIC_URL: site, DATA_DIR: '/nowhere' });
/** Pages of a sitemap, so that a few tracks fill several. */
const PART = 3;

const locations = (document: string): string[] =>
	[...document.matchAll(/<loc>(.*?)<\/loc>/g)].map(([, loc = '']) => loc.replace(site, ''));

describe('the sitemap', () => {
	let database: TestDatabase;
	const ctx = () => ({ db: database.db, config });
	const read = async (kind: string, page: string) =>
		await new Response(await openSitemap(ctx(), { kind, page }, PART)).text();

	before(async () => {
		database = await openTestDatabase();
		const { db } = database;
		for (const name of ['alice', 'bob', 'Zoe', 'silent']) await seedArtist(db, `did:plc:${name}`);
		const imageId = await seedImage(db, 'cover');
		const made = await db
			.insertInto('albums')
			.values([
				{ artist_did: 'did:plc:alice', slug: 'heard', title: 'Heard', image_id: imageId },
				{ artist_did: 'did:plc:alice', slug: 'empty', title: 'Empty' },
				{ artist_did: 'did:plc:alice', slug: 'going', title: 'Going', deletion: 'keep_tracks' }
			])
			.returning(['id', 'slug'])
			.execute();
		const albumOf = (slug: string) => made.find((one) => one.slug === slug)?.id ?? null;
		const owners = ['alice', 'bob', 'alice', 'Zoe', 'alice', 'bob', 'alice', 'silent', 'alice'];
		for (const [n, name] of owners.entries()) {
			const fileId = await seedAudioFile(db, `song ${n}`);
			const visibility = name === 'silent' ? 'unlisted' : n === 8 ? 'deleting' : 'public';
			const { id } = await db
				.insertInto('tracks')
				.values({
					artist_did: `did:plc:${name}`,
					...{ rkey: `r${n}`, record_uri: `at://did:plc:${name}/x/r${n}`, record_cid: 'cid' },
					...{ title: `song ${n}`, features: '[]', file_id: fileId, original_file_id: fileId },
					...{ visibility, image_id: n === 0 ? imageId : null },
					// of what has nothing to hear, or is being deleted, nothing is said
					album_id: albumOf(n === 0 ? 'heard' : n === 2 ? 'going' : n >= 7 ? 'empty' : ''),
					created_at: new Date()
				})
				.returning('id')
				.executeTakeFirstOrThrow();
			const tags = n === 7 ? ['secret'] : [`tag ${n % 4}`, 'drum & <bass>'];
			await db
				.insertInto('track_tags')
				.values(tags.map((tag) => ({ track_id: id, tag })))
				.execute();
		}
	});
	after(() => database.close());

	it('leads to an artist without a handle that holds by the did', async () => {
		const rename = (handle: string) =>
			database.db
				.updateTable('artists')
				.set({ handle })
				.where('did', '=', 'did:plc:alice')
				.execute();
		const { handle } = await database.db
			.selectFrom('artists')
			.select('handle')
			.where('did', '=', 'did:plc:alice')
			.executeTakeFirstOrThrow();
		await rename('handle.invalid');
		assert.ok(locations(await read('artists', '1')).includes('/u/did:plc:alice'));
		assert.deepEqual(locations(await read('albums', '1')), ['/u/did:plc:alice/album/heard']);
		await rename(handle);
	});

	it('lists every part of every kind, and each is valid', async () => {
		const index = await sitemapIndex(ctx(), PART);
		await assertValidXml(index, 'sitemap-index');
		assert.deepEqual(locations(index), [
			'/sitemap-site-1.xml',
			'/sitemap-tracks-1.xml',
			'/sitemap-tracks-2.xml',
			'/sitemap-tracks-3.xml',
			'/sitemap-albums-1.xml',
			'/sitemap-artists-1.xml',
			'/sitemap-tags-1.xml',
			'/sitemap-tags-2.xml'
		]);
		for (const loc of locations(index)) {
			const [, kind = '', page = ''] = /^\/sitemap-(\w+)-(\d+)\.xml$/.exec(loc) ?? [];
			const text = await read(kind, page);
			await assertValidXml(text, 'sitemap');
			assert.ok(kind === 'site' || locations(text).length <= PART);
		}
	});

	it('has every public page exactly once, and no other', async () => {
		const all = async (kind: string, pages: number) => {
			const texts = await Promise.all(
				Array.from({ length: pages }, (_, index) => read(kind, String(index + 1)))
			);
			return texts.flatMap(locations);
		};
		assert.deepEqual(
			await all('tracks', 3),
			[1, 2, 3, 4, 5, 6, 7].map((id) => `/track/${id}`)
		);
		assert.deepEqual(await all('albums', 1), ['/u/alice.test/album/heard']);
		assert.deepEqual(await all('artists', 1), ['/u/Zoe.test', '/u/alice.test', '/u/bob.test']);
		assert.deepEqual(await all('tags', 2), [
			'/tag/drum%20%26%20%3Cbass%3E',
			...[0, 1, 2, 3].map((n) => `/tag/tag%20${n}`)
		]);
	});

	it('says when a page changed and which picture it shows', async () => {
		const text = await read('tracks', '1');
		assert.match(
			text,
			/<url><loc>[^<]*\/track\/1<\/loc><lastmod>2\d{3}-[^<]*Z<\/lastmod><image:image><image:loc>[^<]*\/images\/[0-9a-f]{16}\?size=1200&amp;format=jpeg</
		);
	});

	it('has no other parts', async () => {
		for (const [kind, page] of [
			['tracks', '4'],
			['tracks', '0'],
			['tracks', '01'],
			['people', '1'],
			['site', '2']
		] as const) {
			await assert.rejects(
				read(kind, page),
				(cause) => cause instanceof DomainError && cause.status === 404
			);
		}
	});

	it('is named by robots.txt, which keeps robots out of what is not for them', () => {
		const text = robotsTxt(site);
		assert.match(text, /^Sitemap: https:\/\/plyr\.example\.org\/sitemap\.xml$/m);
		assert.match(text, /^Disallow: \/portal$/m);
		assert.doesNotMatch(text, /^Disallow: \/(track|u|tag)?\/?$/m);
	});
});
