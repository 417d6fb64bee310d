import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Album } from '#lib/albums/album.ts';
import { structuredFaults } from '../../../../tests/validators/schema-org.ts';
import type { DescribedTrack } from './describe-track.ts';
import { breadcrumbs, musicAlbum, musicGroup, musicRecording } from './structured-data.ts';

const site = { appName: 'plyr.fm', tagline: '', publicUrl: 'https://music.example' };
const artist = { did: 'did:plc:a', handle: 'alice.test', displayName: 'Alice', avatarUrl: null };

const track: DescribedTrack = {
	id: 7,
	title: 'low \u202ewater',
	description: 'two\r\nlines\u0000',
	artist,
	album: { id: 'x', slug: 'tides', title: 'tides', loudness: null },
	features: [],
	fileId: '0123456789abcdef',
	fileType: 'mp3',
	contentType: 'audio/mpeg',
	codec: 'mp3',
	smallerFileId: null,
	durationMs: 185_900,
	loudness: null,
	imageUrl: '/images/0123456789abcdef?size=1200',
	imageEdgePx: 1200,
	thumbnailUrl: null,
	imagePlaceholder: null,
	imageColor: null,
	tags: ['ambient', 'dub'],
	isExplicit: true,
	isUnlisted: false,
	playCount: 12,
	likeCount: 3,
	isLiked: false,
	createdAt: '2026-11-27T10:00:00.000Z',
	recordUri: 'at://did:plc:a/fm.plyr.track/1'
};

const album: Album = {
	id: 'x',
	slug: 'tides',
	title: 'tides',
	description: null,
	year: 999,
	artist,
	imageUrl: null,
	thumbnailUrl: null,
	imagePlaceholder: null,
	imageColor: null,
	trackCount: 1,
	totalPlays: 12,
	durationMs: 185_900,
	recordUri: null,
	waiting: null
};

const group = {
	'@type': 'MusicGroup',
	'@id': 'https://music.example/u/alice.test',
	url: 'https://music.example/u/alice.test',
	name: 'Alice',
	alternateName: '@alice.test'
};

describe('what schema.org calls what a page shows', () => {
	it('is a recording for a track', () => {
		assert.deepEqual(musicRecording(site, track), {
			'@context': 'https://schema.org',
			'@type': 'MusicRecording',
			'@id': 'https://music.example/track/7',
			url: 'https://music.example/track/7',
			name: 'low water',
			duration: 'PT185S',
			description: 'two\nlines',
			image: 'https://music.example/images/0123456789abcdef?size=1200&format=jpeg',
			datePublished: '2026-11-27T10:00:00.000Z',
			byArtist: group,
			inAlbum: {
				'@type': 'MusicAlbum',
				name: 'tides',
				url: 'https://music.example/u/alice.test/album/tides'
			},
			keywords: 'ambient, dub',
			isFamilyFriendly: false,
			audio: {
				'@type': 'AudioObject',
				contentUrl: 'https://music.example/audio/0123456789abcdef',
				encodingFormat: 'audio/mpeg'
			},
			interactionStatistic: [
				{
					'@type': 'InteractionCounter',
					interactionType: { '@type': 'ListenAction' },
					userInteractionCount: 12
				},
				{
					'@type': 'InteractionCounter',
					interactionType: { '@type': 'LikeAction' },
					userInteractionCount: 3
				}
			]
		});
	});

	it('leaves out what is not known', () => {
		const bare = {
			...{ ...track, album: null, durationMs: null, imageUrl: null, tags: [] },
			...{ isExplicit: false, description: null }
		};
		const said = Object.keys(musicRecording(site, bare));
		for (const name of [
			'duration',
			'inAlbum',
			'image',
			'keywords',
			'description',
			'isFamilyFriendly'
		]) {
			assert.ok(!said.includes(name), name);
		}
	});

	it('is an album with its recordings in order, and a group for an artist', () => {
		const other = { ...track, id: 8 };
		const said = musicAlbum(site, album, [other, track]);
		assert.equal(said['numTracks'], 2);
		assert.equal(said['datePublished'], '0999');
		assert.deepEqual(
			(said['track'] as { '@id': string }[]).map((one) => one['@id']),
			['https://music.example/track/8', 'https://music.example/track/7']
		);
		assert.partialDeepStrictEqual(musicGroup(site, { ...artist, bio: 'hello', trackCount: 2 }), {
			...group,
			description: 'hello',
			sameAs: ['https://bsky.app/profile/did:plc:a']
		});
	});

	const crumbs = breadcrumbs(site, [{ name: 'Alice', path: '/u/alice.test' }]);
	const person = { ...artist, bio: null, trackCount: 2 };
	const faultsOf = (things: Record<string, Record<string, unknown>>) =>
		structuredFaults(Object.entries(things).map(([where, thing]) => ({ where, thing })));

	it('is all in the words of schema.org', async () => {
		const bare = { ...track, album: null, durationMs: null, imageUrl: null, tags: [] };
		const faults = await faultsOf({
			track: musicRecording(site, track),
			'bare track': musicRecording(site, { ...bare, description: null, isExplicit: false }),
			album: musicAlbum(site, { ...album, description: 'of the sea', imageUrl: '/images/a?x' }, [
				track,
				bare
			]),
			'bare album': musicAlbum(site, { ...album, year: null }, []),
			artist: musicGroup(site, { ...person, bio: 'hello', avatarUrl: '/images/a' }),
			'bare artist': musicGroup(site, person),
			crumbs
		});
		assert.deepEqual(faults, []);
	});

	it('would be noticed to be in other words', async () => {
		const said = musicRecording(site, track);
		const { byArtist, ...byNobody } = said;
		const [first, second] = crumbs['itemListElement'] as Record<string, unknown>[];
		const { name, ...unnamed } = second ?? {};
		assert.ok(byArtist && name);
		const broken = {
			'a wrong type': { ...said, '@type': 'MusicRecord' },
			'a wrong type within': { ...said, byArtist: { ...byArtist, '@type': 'Band' } },
			'an unknown property': { ...said, artistName: 'Alice' },
			'an unknown property within': { ...said, audio: { '@type': 'AudioObject', bytes: 7 } },
			'a value of another kind': { ...said, isFamilyFriendly: 'no' },
			'another vocabulary': { ...said, '@context': 'https://example.org' },
			'by nobody': byNobody,
			'a length that is none': { ...said, duration: '3:05' },
			'a page without a host': { ...said, url: '/track/7' },
			'a trail of one': { ...crumbs, itemListElement: [first] },
			'a step without a name': { ...crumbs, itemListElement: [first, unnamed] }
		};
		const faults = await faultsOf(broken);
		for (const where of Object.keys(broken)) {
			assert.ok(
				faults.some((fault) => fault.startsWith(`${where}: `)),
				where
			);
		}
	});

	it('names an artist without a handle that holds by the did', () => {
		const nameless = { ...person, handle: 'handle.invalid' };
		assert.equal(musicGroup(site, nameless)['url'], 'https://music.example/u/did:plc:a');
	});

	it('says where a page is, from the site on', () => {
		assert.deepEqual(crumbs, {
			'@context': 'https://schema.org',
			'@type': 'BreadcrumbList',
			itemListElement: [
				{ '@type': 'ListItem', position: 1, name: 'plyr.fm', item: 'https://music.example/' },
				{
					'@type': 'ListItem',
					position: 2,
					name: 'Alice',
					item: 'https://music.example/u/alice.test'
				}
			]
		});
	});
});
