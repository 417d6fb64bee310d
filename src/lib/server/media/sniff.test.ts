import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { ffmpegBytes, makeSample } from '#lib/server/testing/audio-samples.ts';
import { type AudioFormat, FORMATS } from './formats.ts';
import { sniffFile } from './sniff-file.ts';
import { sniffHead } from './sniff.ts';

const reader = (bytes: Uint8Array) => (offset: number, length: number) =>
	Promise.resolve(bytes.subarray(offset, offset + length));

const sniff = (bytes: Uint8Array) => sniffFile(reader(bytes), bytes.byteLength);

/** An ID3v2.4 tag of exactly `length` bytes of content, which says it is longer when told to. */
function id3(length: number, claimed = length): Buffer {
	const size = [21, 14, 7, 0].map((shift) => (claimed >> shift) & 127);
	return Buffer.concat([
		Buffer.from('ID3\x04\0\0', 'latin1'),
		Buffer.from(size),
		Buffer.alloc(length)
	]);
}

describe('audio is recognised by its content', () => {
	for (const format of Object.keys(FORMATS) as AudioFormat[]) {
		it(`recognises ${format}`, async () => {
			const found = await sniff(await makeSample(format, { seconds: 1 }));
			assert.ok(found.kind === 'audio');
			assert.equal(found.format, format);
		});
	}

	it('finds the music behind a tag of three megabytes, reading only a few kilobytes', async () => {
		const bytes = Buffer.concat([id3(3_000_000), await makeSample('mp3', { seconds: 1 })]);
		let readBytes = 0;
		const found = await sniffFile((offset, length) => {
			readBytes += length;
			return Promise.resolve(bytes.subarray(offset, offset + length));
		}, bytes.length);
		assert.deepEqual(found, { kind: 'audio', format: 'mp3', codec: null });
		assert.ok(readBytes < 100_000, `read ${readBytes} bytes`);
	});

	it('recognises a bare mp3 whose first frame is torn', async () => {
		const whole = await makeSample('mp3', { seconds: 1, args: ['-id3v2_version', '0'] });
		assert.deepEqual(await sniff(whole.subarray(100)), {
			kind: 'audio',
			format: 'mp3',
			codec: null
		});
	});

	it('recognises wav files of more than 4 GiB by their RF64 and BW64 heads', () => {
		for (const magic of ['RF64', 'BW64']) {
			const head = Buffer.from(`${magic}\xff\xff\xff\xffWAVEds64`, 'latin1');
			assert.deepEqual(sniffHead(head), { kind: 'audio', format: 'wav' });
		}
	});

	it('recognises an m4a whose table of contents comes first', async () => {
		const bytes = await makeSample('m4a', { seconds: 1, args: ['-movflags', '+faststart'] });
		assert.deepEqual(await sniff(bytes), { kind: 'audio', format: 'm4a', codec: 'aac' });
	});
});

describe('anything else is named in plain words', () => {
	const cases: [string, Buffer][] = [
		['an empty file', Buffer.alloc(0)],
		['text', Buffer.from('once upon a time there was a song\n'.repeat(50))],
		['text', Buffer.from('MZ is how this letter begins, müde')],
		['a web page', Buffer.from('<!doctype html><title>x</title>')],
		['a playlist, not a sound file', Buffer.from('#EXTM3U\nfile.mp3\n')],
		['a gzip archive', gzipSync('x')],
		['a zip archive', Buffer.concat([Buffer.from('PK\x03\x04'), deflateRawSync('x'.repeat(99))])],
		['a pdf document', Buffer.from('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj', 'latin1')],
		['a midi file, which holds notes and no sound', Buffer.from('MThd\0\0\0\x06')],
		['something we do not know', Buffer.alloc(20_000)],
		['a tag with nothing behind it', id3(100)],
		['a tag with nothing behind it', id3(100, 200_000_000)],
		['a tag with text behind it', Buffer.concat([id3(20_000), Buffer.from('words '.repeat(99))])]
	];
	for (const [what, bytes] of cases) {
		it(`says "${what}"`, async () => {
			assert.deepEqual(await sniff(bytes), { kind: 'other', what });
		});
	}

	it('gives up on a heap of tags', async () => {
		const heap = Buffer.concat(Array.from({ length: 50 }, () => id3(20_000)));
		assert.deepEqual(await sniff(heap), { kind: 'other', what: 'a heap of tags' });
	});

	it('names pictures and videos made by real encoders', async () => {
		const picture = ['-f', 'lavfi', '-i', 'testsrc=size=64x64:rate=5:duration=1'];
		const sound = ['-f', 'lavfi', '-i', 'sine=duration=1'];
		const video = [...picture, ...sound, '-c:v', 'mpeg4'];
		const cases: [string, string, string[]][] = [
			['a png picture', 'png', [...picture, '-frames:v', '1']],
			['a jpeg picture', 'jpg', [...picture, '-frames:v', '1']],
			['a video (mp4)', 'mp4', video],
			['a video (mp4)', 'm4a', [...video, '-f', 'mp4', '-movflags', '+faststart']],
			['a video (matroska or webm)', 'mkv', video],
			['a video (avi)', 'avi', video],
			['a video (mpeg transport stream)', 'ts', [...picture, ...sound, '-c:v', 'mpeg2video']]
		];
		for (const [what, extension, args] of cases) {
			assert.deepEqual(await sniff(await ffmpegBytes(args, extension)), { kind: 'other', what });
		}
	});

	it('calls an m4a without its end cut off', async () => {
		const bytes = await makeSample('m4a', { seconds: 1 });
		const found = await sniff(bytes.subarray(0, bytes.length / 2));
		assert.ok(found.kind === 'other');
		assert.match(found.what, /cut off/);
	});

	it('is not led astray by a box that holds itself or a million others', async () => {
		const box = (type: string, body: Buffer) => {
			const head = Buffer.alloc(8);
			head.writeUInt32BE(8 + body.length);
			head.write(type, 4, 'latin1');
			return Buffer.concat([head, body]);
		};
		const frees = Buffer.concat(Array.from({ length: 50_000 }, () => box('free', Buffer.alloc(0))));
		const file = Buffer.concat([box('ftyp', Buffer.from('M4A \0\0\0\0')), box('moov', frees)]);
		let reads = 0;
		const found = await sniffFile((offset, length) => {
			reads++;
			return Promise.resolve(file.subarray(offset, offset + length));
		}, file.length);
		assert.equal(found.kind, 'other');
		assert.ok(reads < 3_000, `${reads} reads`);
	});
});
