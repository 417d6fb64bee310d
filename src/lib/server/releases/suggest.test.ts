import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FileTags } from '#lib/server/db/schema.ts';
import { suggestRelease, suggestTrack } from './suggest.ts';

const file = (
	tags: FileTags | undefined,
	path = 'lp/03 - slow_tide.flac',
	coverImageId?: string
) => ({
	file_name: path.split('/').at(-1) ?? '',
	fields: { path },
	findings: { tags, coverImageId }
});

describe('what is suggested for a track', () => {
	it('is what the file says', () => {
		const tags: FileTags = {
			title: 'Slow Tide',
			artist: 'alice & bob',
			trackNumber: 7,
			discNumber: 2,
			year: 2024,
			genres: ['Dub Techno; Ambient'],
			isrc: 'USABC2400001',
			lyrics: 'la'
		};
		assert.deepEqual(suggestTrack(file(tags, 'x.flac', '0123456789abcdef')), {
			title: 'Slow Tide',
			artist: 'alice & bob',
			trackNumber: 7,
			discNumber: 2,
			year: 2024,
			tags: ['dub techno', 'ambient'],
			isrc: 'USABC2400001',
			hasLyrics: true,
			imageId: '0123456789abcdef'
		});
	});

	it('is what its name and folder say while the file has said nothing', () => {
		const { title, trackNumber, discNumber, year } = suggestTrack(
			file(undefined, 'Album (2019)/CD 2/03 - slow_tide.flac')
		);
		assert.deepEqual([title, trackNumber, discNumber, year], ['slow tide', 3, 2, 2019]);
	});
});

describe('what is suggested for a release', () => {
	it('is what most of its files agree about', () => {
		const files = [
			file({ album: 'Dawn', year: 2024 }, undefined, 'aaaaaaaaaaaaaaaa'),
			file({ album: 'Dawn' }, undefined, 'aaaaaaaaaaaaaaaa'),
			file({ album: 'Greatest Hits', year: 2024 }, undefined, 'bbbbbbbbbbbbbbbb'),
			file({})
		];
		assert.deepEqual(suggestRelease(files), {
			albumTitle: 'Dawn',
			year: 2024,
			imageId: 'aaaaaaaaaaaaaaaa'
		});
	});

	it('is what their folder says when no file says it', () => {
		const paths = [
			'Artist - Album (2019)/03 - title.flac',
			'Artist - Album (2019)/CD 2/01 - x.flac'
		];
		const untagged = paths.map((path) => file({}, path));
		const said = { albumTitle: 'Album', year: 2019, imageId: null };
		assert.deepEqual(suggestRelease(untagged), said);
		assert.deepEqual(suggestRelease([...untagged, file(undefined, paths[0])]), said);
		const tagged = [...untagged, file({ album: 'Dawn', year: 2024 }, paths[0])];
		assert.deepEqual(suggestRelease(tagged), { ...said, albumTitle: 'Dawn', year: 2024 });
	});

	it('is not the name of a folder everybody has', () => {
		const files = [file({}, 'downloads/1.flac'), file({}, 'downloads/2.flac')];
		assert.equal(suggestRelease(files).albumTitle, null);
	});

	it('is nothing where they do not agree, and no album for a single', () => {
		const files = [file({ album: 'Dawn', year: 1 }), file({ album: 'Dusk', year: 2 })];
		assert.deepEqual(suggestRelease(files), { albumTitle: null, year: null, imageId: null });
		assert.equal(suggestRelease([file({ album: 'Dawn' })]).albumTitle, null);
	});
});
