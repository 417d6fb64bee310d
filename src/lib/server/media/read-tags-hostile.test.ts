import assert from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { before, describe, it } from 'node:test';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import { apeTag, chunk, encodedText, id3Frame, id3Tag } from '#lib/server/testing/tag-bytes.ts';
import type { AudioFormat } from './formats.ts';
import { readDuration, readTags, TagsUnreadable } from './read-tags.ts';

const MEBIBYTE = 1024 * 1024;
/** Some of these would take for ever. */
const LIMIT_MS = 2_000;
const never = new AbortController().signal;

async function readBytes(bytes: Buffer, format: AudioFormat) {
	let readBytes = 0;
	const read = (offset: number, length: number) => {
		const part = bytes.subarray(offset, offset + length);
		readBytes += part.length;
		return Promise.resolve(part);
	};
	const file = { sizeBytes: bytes.length, format };
	const parsed = await readTags(read, file, never, LIMIT_MS).catch((cause: unknown) => {
		assert.ok(cause instanceof TagsUnreadable, String(cause));
		return null;
	});
	return { parsed, readBytes };
}

const vorbisBlock = (content: Buffer) => {
	const head = Buffer.alloc(4);
	head.writeUInt32BE(content.length);
	head[0] = 0x84;
	return Buffer.concat([head, content]);
};

/** An ogg stream whose comment never ends, in pages of one byte. */
function tinyPages(count: number): Buffer {
	const page = (flags: number, number: number, content: Buffer) => {
		const head = Buffer.alloc(28);
		head.write('OggS');
		head[5] = flags;
		head.writeUInt32LE(1, 14);
		head.writeUInt32LE(number, 18);
		head[26] = 1;
		head[27] = content.length;
		return Buffer.concat([head, content]);
	};
	const first = Buffer.alloc(30);
	first.write('\x01vorbis', 'latin1');
	const pages = Array.from({ length: count }, (_, at) =>
		page(at === 0 ? 0 : 1, at + 1, Buffer.of(3))
	);
	return Buffer.concat([page(2, 0, first), ...pages]);
}

describe('tags that were built to hurt', () => {
	let sound: Buffer;
	let flac: Buffer;
	before(async () => {
		sound = await makeSample('mp3', { seconds: 1, args: ['-id3v2_version', '0'] });
		flac = await makeSample('flac', { seconds: 1 });
	});

	const frame = (text: string) => id3Frame(4, 'TIT2', encodedText(text, 'utf8'));
	const tagged = (...frames: Buffer[]) => Buffer.concat([id3Tag(4, frames), sound]);

	/** What they must not cost, whether they can be read or not. */
	const cases: [string, AudioFormat, () => Buffer][] = [
		[
			'a tag longer than its file',
			'mp3',
			() => Buffer.concat([id3Tag(4, [], { size: 2 ** 27 }), sound])
		],
		[
			'a frame longer than its tag',
			'mp3',
			() => tagged(id3Frame(4, 'TIT2', Buffer.of(0), 2 ** 27))
		],
		[
			'a million frames',
			'mp3',
			() => tagged(Buffer.alloc(11 * MEBIBYTE, id3Frame(4, 'TIT2', Buffer.of(3))))
		],
		[
			'a million fields',
			'mp3',
			() => tagged(Buffer.alloc(14 * MEBIBYTE, id3Frame(4, 'TPE1', Buffer.from('\x03a\0b'))))
		],
		['a title of 20 MB', 'mp3', () => tagged(frame('x'.repeat(20 * MEBIBYTE)))],
		['a title of 20 MB of zeros', 'mp3', () => tagged(frame('\0'.repeat(20 * MEBIBYTE)))],
		['a tag of 40 MB', 'mp3', () => tagged(frame('x'.repeat(40 * MEBIBYTE)))],
		['40 MB of padding', 'mp3', () => tagged(Buffer.alloc(40 * MEBIBYTE))],
		[
			'ten thousand tags in front of each other',
			'mp3',
			() => Buffer.concat([Buffer.alloc(100_000, id3Tag(4, [])), sound])
		],
		[
			'a chapter in a chapter',
			'mp3',
			() => tagged(id3Frame(4, 'CHAP', Buffer.alloc(200_000, 'CHAP')))
		],
		[
			'an unsynchronised tag of nothing but ones',
			'mp3',
			() =>
				Buffer.concat([id3Tag(3, [Buffer.alloc(8 * MEBIBYTE, 0xff)], { unsynced: true }), sound])
		],
		[
			'more comments than fit into memory',
			'flac',
			() =>
				Buffer.concat([
					flac.subarray(0, 42),
					vorbisBlock(Buffer.from([0, 0, 0, 0, 255, 255, 255, 255])),
					flac.subarray(42)
				])
		],
		['an ogg of tiny pages', 'ogg', () => tinyPages(150_000)],
		[
			'an APE tag that lies',
			'mp3',
			() => {
				const tag = apeTag({ Title: 'x' });
				tag.writeUInt32LE(2 ** 31, tag.length - 20);
				return Buffer.concat([sound, tag]);
			}
		],
		[
			'an mp4 of one huge value',
			'm4a',
			() => {
				const box = Buffer.alloc(16);
				box.writeUInt32BE(1, 0);
				box.write('moov', 4);
				box.writeBigUInt64BE(2n ** 62n, 8);
				return box;
			}
		],
		[
			'nothing but noise',
			'wav',
			() => Buffer.alloc(MEBIBYTE, 'RIFF\xff\xff\xff\xffWAVELIST', 'latin1')
		]
	];
	for (const [what, format, build] of cases) {
		it(`${what}: costs little, and holds nobody up`, async () => {
			const bytes = build();
			const delay = monitorEventLoopDelay({ resolution: 5 });
			delay.enable();
			const startedAt = performance.now();
			const { readBytes: count } = await readBytes(bytes, format);
			delay.disable();
			const ms = performance.now() - startedAt;
			assert.ok(ms < LIMIT_MS + 4_000, `${ms} ms`);
			assert.ok(delay.max / 1e6 < 1_500, `the event loop stood still for ${delay.max / 1e6} ms`);
			assert.ok(count <= 33 * MEBIBYTE, `${count} bytes`);
		});
	}

	it('take no more memory than a tag of the largest size, one after the other', async () => {
		const bytes = tagged(frame('x'.repeat(15 * MEBIBYTE)), frame('y'.repeat(15 * MEBIBYTE)));
		const idle = process.memoryUsage().rss;
		let peak = 0;
		const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 20);
		await Promise.all([1, 2, 3, 4].map(() => readBytes(bytes, 'mp3')));
		clearInterval(timer);
		assert.ok(peak - idle < 320 * MEBIBYTE, `${Math.round((peak - idle) / MEBIBYTE)} MiB`);
	});

	it('are found at the end of three gigabytes without reading them', async () => {
		const wav = await makeSample('wav', { seconds: 1 });
		const gap = 3 * 1024 * MEBIBYTE;
		const end = chunk('id3 ', id3Tag(4, [frame('far away')]), 'riff');
		// ffmpeg puts its own chunk before the sound, whose size stands right before it
		const dataAt = wav.indexOf('data') + 4;
		const head = wav.subarray(0, dataAt + 4);
		head.writeUInt32LE(gap, dataAt);
		head.writeUInt32LE(head.length + gap + end.length - 8, 4);
		let readBytes = 0;
		const read = (offset: number, length: number) => {
			const part = Buffer.alloc(Math.min(length, head.length + gap + end.length - offset));
			if (offset < head.length) head.copy(part, 0, offset);
			const endAt = head.length + gap - offset;
			if (endAt < part.length) end.copy(part, Math.max(endAt, 0), Math.max(-endAt, 0));
			readBytes += part.length;
			return Promise.resolve(part);
		};
		const sizeBytes = head.length + gap + end.length;
		const { tags } = await readTags(read, { sizeBytes, format: 'wav' }, never);
		assert.equal(tags.title, 'far away');
		assert.ok(readBytes < 512 * 1024, `${readBytes} bytes`);
	});

	it('do not spoil what comes after them', async () => {
		const { parsed } = await readBytes(tagged(frame('a song')), 'mp3');
		assert.deepEqual(parsed?.tags, { title: 'a song' });
	});

	it('are cleaned of what is no text', async () => {
		const title = 'a\u202eb\u2066c\u0007d\r\ne <script>alert(1)</script>\0behind';
		const { parsed } = await readBytes(tagged(frame(title)), 'mp3');
		assert.deepEqual(parsed?.tags, { title: 'abc d e <script>alert(1)</script>' });
		const lone = Buffer.concat([Buffer.of(1), Buffer.from([0xff, 0xfe, 0x00, 0xd8, 0x61, 0])]);
		const surrogate = await readBytes(tagged(id3Frame(4, 'TIT2', lone)), 'mp3');
		assert.ok((surrogate.parsed?.tags.title ?? '').isWellFormed());
		const broken = Buffer.concat([Buffer.of(3), Buffer.from('caf\xe9', 'latin1')]);
		const notUtf8 = await readBytes(tagged(id3Frame(4, 'TIT2', broken)), 'mp3');
		assert.equal(notUtf8.parsed?.tags.title, undefined, 'rather none than a wrong one');
	});

	it('are cut to what can be kept', async () => {
		const lyrics = Buffer.from(`\x03eng\0${'é'.repeat(60_000)}`);
		const { parsed } = await readBytes(
			tagged(frame('é'.repeat(200)), id3Frame(4, 'USLT', lyrics)),
			'mp3'
		);
		assert.equal(parsed?.tags.title, 'é'.repeat(128));
		assert.equal(Buffer.byteLength(parsed.tags.lyrics ?? ''), 50_000);
	});

	it('are given up on when nobody needs them any more', async () => {
		const stop = new AbortController();
		const reading = readTags(
			() => new Promise(() => undefined),
			{ sizeBytes: 10_000, format: 'mp3' },
			stop.signal
		);
		setTimeout(() => stop.abort(new Error('enough')), 50);
		await assert.rejects(reading, /enough/);
		// in a new thread, which takes its time to start
		const bytes = tagged(frame('the next'));
		const read = (offset: number, length: number) =>
			Promise.resolve(bytes.subarray(offset, offset + length));
		const { tags } = await readTags(read, { sizeBytes: bytes.length, format: 'mp3' }, never);
		assert.equal(tags.title, 'the next');
	});

	it('are one thing, a storage that does not answer is another', async () => {
		const read = () => Promise.reject(new Error('no storage'));
		await assert.rejects(readTags(read, { sizeBytes: 10_000, format: 'mp3' }, never), /no storage/);
		await assert.rejects(
			readDuration(read, { sizeBytes: 10_000, format: 'mp3' }, never),
			/no storage/
		);
	});
});
