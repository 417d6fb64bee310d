import assert from 'node:assert/strict';
import { it } from 'node:test';
import { describeArtist } from './describe-artist.ts';

const site = { appName: 'plyr.fm', tagline: '', publicUrl: 'https://music.example' };
const artist = {
	...{ did: 'did:plc:a', handle: 'alice.test', displayName: 'Alice', bio: 'loud and slow' },
	...{ avatarUrl: null, trackCount: 2 }
};

it('an artist’s page says who they are and where else they are found', () => {
	const described = describeArtist(site, artist);
	const { image, alternates, structured, ...rest } = described;
	assert.deepEqual(rest, {
		path: '/u/alice.test',
		type: 'profile',
		title: 'Alice',
		description: '@alice.test on plyr.fm • 2 tracks • loud and slow',
		properties: [['profile:username', 'alice.test']]
	});
	assert.match(image?.path ?? '', /^\/og\/artist\/did:plc:a\.jpg\?v=[0-9a-f]{12}$/);
	assert.equal(image?.alt, 'Alice');
	assert.deepEqual(
		alternates?.map(({ href, type }) => [href, type]),
		[
			['at://did:plc:a', undefined],
			[
				'/oembed?url=https%3A%2F%2Fmusic.example%2Fu%2Falice.test&format=json',
				'application/json+oembed'
			],
			['/oembed?url=https%3A%2F%2Fmusic.example%2Fu%2Falice.test&format=xml', 'text/xml+oembed']
		]
	);
	assert.deepEqual(
		structured?.map((one) => (one as { '@type': string })['@type']),
		['MusicGroup', 'BreadcrumbList']
	);
	const bare = describeArtist(site, { ...artist, bio: null, trackCount: null });
	assert.equal(bare.description, '@alice.test on plyr.fm');
});
