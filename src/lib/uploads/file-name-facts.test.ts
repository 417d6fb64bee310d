import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { factsOfFileName, type FileNameFacts } from './file-name-facts.ts';

const check = (cases: readonly (readonly [string, FileNameFacts])[]) => {
	for (const [name, facts] of cases) {
		it(`${JSON.stringify(name)} is ${JSON.stringify(facts)}`, () => {
			assert.deepEqual(factsOfFileName(name), facts);
		});
	}
};

describe('the name of a file', () => {
	describe('tells the number of the track', () => {
		check([
			['03 - title.flac', { title: 'title', trackNumber: 3 }],
			['03. Title.mp3', { title: 'Title', trackNumber: 3 }],
			['03_Title.wav', { title: 'Title', trackNumber: 3 }],
			['03-title.ogg', { title: 'title', trackNumber: 3 }],
			['03) title.ogg', { title: 'title', trackNumber: 3 }],
			['1. slow__tide.MP3', { title: 'slow tide', trackNumber: 1 }],
			['3 - title.flac', { title: 'title', trackNumber: 3 }],
			['12 slow tide.aiff', { title: 'slow tide', trackNumber: 12 }],
			['103 title.m4a', { title: 'title', trackNumber: 103 }],
			['03 – título.m4a', { title: 'título', trackNumber: 3 }],
			['03 - 99 problems.mp3', { title: '99 problems', trackNumber: 3 }],
			['01 99 problems.mp3', { title: '99 problems', trackNumber: 1 }]
		]);
	});

	describe('tells the disc, too', () => {
		check([
			['1-03 Title.mp3', { title: 'Title', discNumber: 1, trackNumber: 3 }],
			['2-11 - Title.mp3', { title: 'Title', discNumber: 2, trackNumber: 11 }],
			['1.03. Title.mp3', { title: 'Title', discNumber: 1, trackNumber: 3 }],
			['01-03_Title.mp3', { title: 'Title', discNumber: 1, trackNumber: 3 }]
		]);
	});

	describe('tells the artist only beside a number', () => {
		check([
			['Artist - 03 - Title.mp3', { title: 'Title', artist: 'Artist', trackNumber: 3 }],
			[
				'The_Artist_-_11_-_A_Title.mp3',
				{ title: 'A Title', artist: 'The Artist', trackNumber: 11 }
			],
			['Artist - Title.mp3', { title: 'Artist - Title' }]
		]);
	});

	describe('is the title, number and all, where it could be', () => {
		check([
			['2020 vision.mp3', { title: '2020 vision' }],
			['1999.mp3', { title: '1999' }],
			['99.wav', { title: '99' }],
			['7 rings.mp3', { title: '7 rings' }],
			['00 intro.mp3', { title: '00 intro' }],
			['50-50.mp3', { title: '50-50' }],
			['9.15 to somewhere', { title: '9.15 to somewhere' }],
			['v1.2 final', { title: 'v1.2 final' }],
			['mr. brown', { title: 'mr. brown' }],
			['ça va.ogg', { title: 'ça va' }],
			['slow tide.wav', { title: 'slow tide' }],
			['.mp3', { title: '' }],
			['', { title: '' }],
			['03 - .mp3', { title: '03 -' }]
		]);
	});

	describe('and its folders tell album, year and disc', () => {
		check([
			[
				'Album (2019)/CD 2/03 title.flac',
				{ title: 'title', trackNumber: 3, discNumber: 2, album: 'Album', year: 2019 }
			],
			['Album [2019]/title.flac', { title: 'title', album: 'Album', year: 2019 }],
			['2019 - Album/title.flac', { title: 'title', album: 'Album', year: 2019 }],
			['(2019) Album/title.flac', { title: 'title', album: 'Album', year: 2019 }],
			['1989/title.flac', { title: 'title', album: '1989' }],
			['music/Artist/Album/disc2/title.mp3', { title: 'title', album: 'Album', discNumber: 2 }],
			['C:\\music\\Album\\01 a.wav', { title: 'a', trackNumber: 1, album: 'Album' }],
			[
				'Artist - Album (2019)/03 - title.flac',
				{ title: 'title', trackNumber: 3, artist: 'Artist', album: 'Album', year: 2019 }
			],
			[
				'Artist - 2019 - Album/title.flac',
				{ title: 'title', artist: 'Artist', album: 'Album', year: 2019 }
			],
			[
				'Artist - Album/disc 2/title.flac',
				{ title: 'title', artist: 'Artist', album: 'Album', discNumber: 2 }
			],
			['Album/FLAC/title.flac', { title: 'title', album: 'Album' }],
			['CD1/2-03 a.wav', { title: 'a', trackNumber: 3, discNumber: 2 }],
			['./title.mp3', { title: 'title' }]
		]);
	});

	describe('and folders everybody has are no albums', () => {
		const nobodys = [
			'music',
			'Downloads',
			'New Folder',
			'new folder (2)',
			'untitled folder 3',
			'cd'
		];
		check([
			...nobodys.map((folder): [string, { title: string }] => [
				`${folder}/title.wav`,
				{ title: 'title' }
			]),
			['music/cd1/title.wav', { title: 'title', discNumber: 1 }],
			['Masters of Puppetry/title.wav', { title: 'title', album: 'Masters of Puppetry' }]
		]);
	});

	it('may be anything at all', () => {
		const long = factsOfFileName(`${'a/'.repeat(5_000)}${' - 1'.repeat(50_000)}.mp3`);
		assert.ok(long.title.length <= 200);
		assert.ok(factsOfFileName('🎵'.repeat(150)).title.isWellFormed());
	});
});
