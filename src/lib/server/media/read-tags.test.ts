import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ffmpegBytes, makeSample } from '#lib/server/testing/audio-samples.ts';
import {
	apeTag,
	chunk,
	encodedText,
	id3Frame,
	id3Tag,
	id3v1Tag,
	pictureBlock,
	withChunks
} from '#lib/server/testing/tag-bytes.ts';
import type { FileTags } from '#lib/server/db/schema.ts';
import type { AudioFormat } from './formats.ts';
import { readDuration, readTags } from './read-tags.ts';

const KIBIBYTE = 1024;
const never = new AbortController().signal;

/** Reads the tags of bytes, and counts how many it took. */
async function readBytes(bytes: Buffer, format: AudioFormat) {
	let readBytes = 0;
	const read = (offset: number, length: number) => {
		const part = bytes.subarray(offset, offset + length);
		readBytes += part.length;
		return Promise.resolve(part);
	};
	const parsed = await readTags(read, { sizeBytes: bytes.length, format }, never);
	return { ...parsed, readBytes };
}

const tagsOf = async (bytes: Buffer, format: AudioFormat) => (await readBytes(bytes, format)).tags;

/** What ffmpeg is told to write, under the names it knows in every kind of file. */
const WRITTEN = {
	title: 'Größe – 夜に',
	artist: 'AC/DC & Ström',
	album_artist: 'Various',
	album: 'Ein Album',
	track: '3/12',
	disc: '1/2',
	date: '2019-05-01',
	genre: 'Dub Techno; Ambient',
	comment: 'made at home'
};

const ALL: FileTags = {
	title: 'Größe – 夜に',
	artist: 'AC/DC & Ström',
	artists: ['AC/DC & Ström'],
	albumArtist: 'Various',
	album: 'Ein Album',
	trackNumber: 3,
	discNumber: 1,
	year: 2019,
	genres: ['dub techno', 'ambient'],
	comment: 'made at home'
};

const without = (...names: (keyof FileTags)[]): FileTags =>
	Object.fromEntries(Object.entries(ALL).filter(([name]) => !names.some((one) => one === name)));

describe('what a file of each kind says about itself', () => {
	let dir: string;
	let cover: Buffer;
	before(async () => {
		dir = await mkdtemp(path.join(tmpdir(), 'plyr-tags-'));
		const picture = ['-f', 'lavfi', '-i', 'testsrc=size=64x64:rate=1:duration=1', '-frames:v', '1'];
		cover = await ffmpegBytes(picture, 'png');
		await writeFile(path.join(dir, 'cover.png'), cover);
	});
	after(() => rm(dir, { recursive: true, force: true }));

	const table: [string, AudioFormat, string[], FileTags][] = [
		['an mp3 with ID3v2.4', 'mp3', ['-id3v2_version', '4'], ALL],
		['an mp3 with ID3v2.3', 'mp3', ['-id3v2_version', '3'], ALL],
		['an mp3 with both ID3v1 and v2', 'mp3', ['-write_id3v1', '1'], ALL],
		['a flac', 'flac', [], ALL],
		['an ogg vorbis', 'ogg', [], ALL],
		['an opus', 'opus', [], ALL],
		['an m4a', 'm4a', [], ALL],
		['an alac', 'alac', [], ALL],
		['an aac with ID3', 'aac', ['-write_id3v2', '1'], ALL],
		['an aiff with ID3', 'aiff', ['-write_id3v2', '1'], ALL],
		// RIFF INFO has no field for these
		['a wav', 'wav', [], without('albumArtist', 'discNumber')]
	];
	for (const [what, format, args, expected] of table) {
		it(`${what}, all of it, with few bytes read`, async () => {
			const bytes = await makeSample(format, { seconds: 20, tags: WRITTEN, args });
			const { tags, cover: none, readBytes: count } = await readBytes(bytes, format);
			assert.deepEqual(tags, expected);
			assert.equal(none, null);
			assert.ok(count <= Math.min(bytes.length, 4 * 64 * KIBIBYTE) + 256, `${count} bytes`);
		});
	}

	it('an aiff by its text chunks, in utf-8 and as macs wrote it', async () => {
		const { title, artist } = WRITTEN;
		const utf8 = await makeSample('aiff', { tags: { title, author: artist } });
		const said = { title, artist, artists: [artist] };
		assert.deepEqual(await tagsOf(utf8, 'aiff'), said);
		const old = withChunks(
			await makeSample('aiff'),
			[chunk('NAME', Buffer.from('Caf\x8e', 'latin1'), 'iff')],
			'iff'
		);
		assert.deepEqual(await tagsOf(old, 'aiff'), { title: 'Café' });
	});

	it('a wav by an id3 chunk', async () => {
		const tag = id3Tag(4, [id3Frame(4, 'TIT2', encodedText('Größe', 'utf8'))]);
		const file = withChunks(await makeSample('wav'), [chunk('id3 ', tag, 'riff')], 'riff');
		assert.equal((await tagsOf(file, 'wav')).title, 'Größe');
	});

	for (const format of ['mp3', 'flac', 'm4a'] as const) {
		it(`the picture in ${format}`, async () => {
			const song = path.join(dir, `song.${format}`);
			await writeFile(song, await makeSample(format));
			const inputs = ['-i', song, '-i', path.join(dir, 'cover.png'), '-map', '0:a', '-map', '1:v'];
			const args = [...inputs, '-c', 'copy', '-disposition:v', 'attached_pic'];
			const bytes = await ffmpegBytes(args, format);
			assert.deepEqual(Buffer.from((await readBytes(bytes, format)).cover ?? []), cover);
		});
	}

	for (const format of ['ogg', 'opus', 'flac'] as const) {
		it(`the picture in the comments of ${format}`, async () => {
			const tags = { METADATA_BLOCK_PICTURE: pictureBlock(cover, 'image/png') };
			const bytes = await makeSample(format, { tags });
			assert.deepEqual(Buffer.from((await readBytes(bytes, format)).cover ?? []), cover);
		});
	}

	it('isrc and lyrics', async () => {
		const lyrics = 'one line\nand another';
		const flac = await makeSample('flac', { tags: { ISRC: 'DE-A12-19-00001', LYRICS: lyrics } });
		assert.deepEqual(await tagsOf(flac, 'flac'), { isrc: 'DEA121900001', lyrics });
		const frames = [
			id3Frame(3, 'TSRC', encodedText('dea121900001', 'latin1')),
			id3Frame(3, 'USLT', Buffer.from(`\0eng\0${lyrics}`))
		];
		const sound = await makeSample('mp3', { args: ['-id3v2_version', '0'] });
		const mp3 = Buffer.concat([id3Tag(3, frames), sound]);
		assert.deepEqual(await tagsOf(mp3, 'mp3'), { isrc: 'DEA121900001', lyrics });
		const wrong = await makeSample('flac', { tags: { ISRC: 'not an isrc' } });
		assert.deepEqual(await tagsOf(wrong, 'flac'), {});
	});

	it('nothing, when there is nothing', async () => {
		for (const format of ['mp3', 'wav', 'aac', 'aiff', 'm4a'] as const) {
			assert.deepEqual(await tagsOf(await makeSample(format), format), {}, format);
		}
	});
});

describe('the tags of an mp3', () => {
	let sound: Buffer;
	before(async () => {
		sound = await makeSample('mp3', {
			seconds: 1,
			args: ['-id3v2_version', '0', '-write_xing', '0']
		});
	});
	const mp3 = (...tags: Buffer[]) => tagsOf(Buffer.concat([...tags, sound]), 'mp3');
	const closed = (...tags: Buffer[]) => tagsOf(Buffer.concat([sound, ...tags]), 'mp3');
	const text = 'Ÿ Größe';

	for (const version of [2, 3, 4] as const) {
		const id = version === 2 ? 'TT2' : 'TIT2';
		for (const encoding of ['utf16-bom-le', 'utf16-bom-be', 'utf16be', 'utf8'] as const) {
			it(`in ID3v2.${version}, as ${encoding}`, async () => {
				const frame = id3Frame(version, id, encodedText(text, encoding));
				assert.deepEqual(await mp3(id3Tag(version, [frame])), { title: text });
			});
		}
		it(`in ID3v2.${version}, as latin1, and utf-8 where latin1 was promised`, async () => {
			const latin = id3Frame(version, id, encodedText('Größe', 'latin1'));
			assert.deepEqual(await mp3(id3Tag(version, [latin])), { title: 'Größe' });
			const mojibake = Buffer.concat([Buffer.of(0), Buffer.from('Größe 夜')]);
			assert.deepEqual(await mp3(id3Tag(version, [id3Frame(version, id, mojibake)])), {
				title: 'Größe 夜'
			});
		});
		it(`in ID3v2.${version}, as utf-16 that does not say which`, async () => {
			const frame = id3Frame(version, id, encodedText('plain', 'utf16-plain'));
			assert.deepEqual(await mp3(id3Tag(version, [frame])), { title: 'plain' });
		});
	}

	for (const version of [2, 3] as const) {
		it(`unsynchronised as a whole, in ID3v2.${version}, with its picture`, async () => {
			const [title, pic] = version === 2 ? ['TT2', 'PIC'] : ['TIT2', 'APIC'];
			const picture = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0xff, 0x00, 0xff, 0xff, 0xfb, 1, 2]);
			const mime = version === 2 ? 'JPG' : 'image/jpeg\0';
			const head = Buffer.from(`\0${mime}\x03\0`, 'latin1');
			const frames = [
				id3Frame(version, title, encodedText(text, 'utf16-bom-le')),
				id3Frame(version, pic, Buffer.concat([head, picture]))
			];
			const tag = id3Tag(version, frames, { unsynced: true });
			const { tags, cover } = await readBytes(Buffer.concat([tag, sound]), 'mp3');
			assert.deepEqual(tags, { title: text });
			assert.deepEqual(Buffer.from(cover ?? []), picture);
		});
	}

	it('in ID3v1, whatever it was encoded in', async () => {
		const tag = (title: Buffer) => id3v1Tag({ title, year: '1999', track: 7, genre: 17 });
		const rest = { year: 1999, trackNumber: 7, genres: ['rock'] };
		for (const [bytes, title] of [
			[Buffer.from('Größe', 'latin1'), 'Größe'],
			[Buffer.from('Größe'), 'Größe'],
			// thirty bytes end within the last letter
			[Buffer.from('夜に駆ける夜に駆ける夜'), '夜に駆ける夜に駆ける'],
			[Buffer.from('ÄÖÜ', 'latin1'), 'ÄÖÜ']
		] as const) {
			assert.deepEqual(await closed(tag(bytes)), { title, ...rest });
		}
	});

	it('in APEv2', async () => {
		const items = { Title: text, Artist: 'alice\0bob', Track: '3/9', Year: '2020' };
		assert.deepEqual(await closed(apeTag(items)), {
			title: text,
			artist: 'alice & bob',
			artists: ['alice', 'bob'],
			trackNumber: 3,
			year: 2020
		});
	});

	for (const [version, genre, words] of [
		[3, '(17)', ['rock']],
		[3, '17', ['rock']],
		[3, '(17)(4)', ['rock', 'disco']],
		[3, '(4)Eurodisco', ['disco', 'eurodisco']],
		[4, '17\0Ambient', ['rock', 'ambient']],
		[3, '(999)', undefined],
		[3, 'Hip-Hop/Rap', ['hip-hop/rap']]
	] as const) {
		it(`genre ${JSON.stringify(genre)} in ID3v2.${version} is ${words?.join(', ') ?? 'none'}`, async () => {
			const frame = id3Frame(version, 'TCON', encodedText(genre, 'latin1'));
			assert.deepEqual((await mp3(id3Tag(version, [frame]))).genres, words);
		});
	}

	for (const [version, said, artist, artists] of [
		[3, 'AC/DC', 'AC/DC', ['AC/DC']],
		[3, 'alice / bob', 'alice / bob', ['alice', 'bob']],
		[3, 'alice; bob', 'alice; bob', ['alice', 'bob']],
		[3, 'alice\0AC/DC', 'alice & AC/DC', ['alice', 'AC/DC']],
		[4, 'alice\0bob\0carol', 'alice, bob & carol', ['alice', 'bob', 'carol']],
		[4, 'alice / bob', 'alice / bob', ['alice / bob']],
		[4, 'Simon & Garfunkel', 'Simon & Garfunkel', ['Simon & Garfunkel']],
		[2, 'alice / bob', 'alice / bob', ['alice', 'bob']]
	] as const) {
		it(`artist ${JSON.stringify(said)} in ID3v2.${version}: ${artists.join(' + ')}`, async () => {
			const id = version === 2 ? 'TP1' : 'TPE1';
			const tags = await mp3(id3Tag(version, [id3Frame(version, id, encodedText(said, 'latin1'))]));
			assert.deepEqual([tags.artist, tags.artists], [artist, artists]);
		});
	}

	it('with the list of names beside the credit', async () => {
		const names = Buffer.concat([Buffer.of(3), Buffer.from('ARTISTS\0alice\0bob')]);
		const frames = [
			id3Frame(4, 'TPE1', encodedText('alice feat. bob', 'utf8')),
			id3Frame(4, 'TXXX', names)
		];
		const tags = await mp3(id3Tag(4, frames));
		assert.deepEqual([tags.artist, tags.artists], ['alice feat. bob', ['alice', 'bob']]);
	});
});

describe('several artists in one file', () => {
	it('are several comments, and no list is made of one', async () => {
		const one = await makeSample('flac', { tags: { artist: 'Tyler, the Creator; a / b' } });
		assert.deepEqual((await tagsOf(one, 'flac')).artists, ['Tyler, the Creator; a / b']);
	});

	it('stand with semicolons in a wav', async () => {
		const wav = await makeSample('wav', { tags: { artist: 'alice; bob' } });
		const { artist, artists } = await tagsOf(wav, 'wav');
		assert.deepEqual([artist, artists], ['alice; bob', ['alice', 'bob']]);
	});
});

describe('the playing time as the headers tell it', () => {
	for (const format of ['mp3', 'm4a', 'wav', 'flac', 'ogg', 'opus', 'aac', 'aiff'] as const) {
		it(`of ${format}`, async () => {
			const bytes = await makeSample(format, { seconds: 5 });
			const read = (offset: number, length: number) =>
				Promise.resolve(bytes.subarray(offset, offset + length));
			const durationMs = await readDuration(read, { sizeBytes: bytes.length, format }, never);
			assert.ok(Math.abs((durationMs ?? 0) - 5_000) < 120, `${durationMs} ms`);
		});
	}
});
