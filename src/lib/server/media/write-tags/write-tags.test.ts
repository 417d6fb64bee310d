import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { makeSample } from '#lib/server/testing/audio-samples.ts';
import { encodedText, id3Frame, id3Tag } from '#lib/server/testing/tag-bytes.ts';
import type { AudioFormat } from '../formats.ts';
import { parseTags } from '../parse-tags.ts';
import type { ReadRange } from '../sniff-file.ts';
import type { OwnTags } from './own-tags.ts';
import { retag } from './write-tags.ts';

const rangesOf =
	(bytes: Uint8Array): ReadRange =>
	(offset, length) =>
		Promise.resolve(bytes.subarray(offset, offset + length));

const TAGS: OwnTags = {
	title: 'slow tide – 海',
	artist: 'alice',
	album: 'low water',
	trackNumber: 3,
	year: 2026,
	genres: ['ambient', 'tape'],
	cover: null
};

async function retagged(bytes: Buffer, fileType: string, tags = TAGS) {
	const found = await retag(rangesOf(bytes), { fileType, sizeBytes: bytes.length }, tags);
	if (!found) return null;
	const { head, from, tail } = found;
	return { bytes: Buffer.concat([head, bytes.subarray(from), tail]), head, from, tail };
}

const read = (bytes: Buffer, format: AudioFormat) =>
	parseTags(rangesOf(bytes), { format, sizeBytes: bytes.length });

describe('tags that are written into a copy', () => {
	for (const format of ['mp3', 'flac', 'wav', 'aiff'] as const) {
		it(`are in a ${format}, which has its own others still, and the same music`, async () => {
			const former = { title: 'old', artist: 'old', comment: 'kept' };
			const original = await makeSample(format, { seconds: 1, tags: former });
			const made = await retagged(original, format);
			assert.ok(made);
			const { tags, durationMs } = await read(made.bytes, format);
			const { title, artist, album, trackNumber, year } = tags;
			assert.deepEqual(
				{ title, artist, album, trackNumber, year },
				{ title: TAGS.title, artist: 'alice', album: 'low water', trackNumber: 3, year: 2026 }
			);
			assert.deepEqual(tags.genres?.join(', '), 'ambient, tape');
			assert.equal(durationMs, (await read(original, format)).durationMs);
			// what is between the tags is the file's own, to the last byte
			const music = made.bytes.subarray(made.head.length, made.bytes.length - made.tail.length);
			assert.ok(music.equals(original.subarray(made.from)));
			if (format === 'mp3' || format === 'flac') assert.equal(tags.comment, 'kept');
		});
	}

	it('bring a cover, in the place of the one before', async () => {
		const color = (background: string) =>
			sharp({ create: { width: 32, height: 32, channels: 3, background } })
				.jpeg()
				.toBuffer();
		const [first, second] = [await color('#a04060'), await color('#0060a0')];
		for (const format of ['mp3', 'flac', 'wav'] as const) {
			const original = await makeSample(format, { seconds: 1 });
			const once = await retagged(original, format, { ...TAGS, cover: first });
			assert.ok(once);
			assert.ok(first.equals((await read(once.bytes, format)).cover ?? new Uint8Array()), format);
			// a wav that has such a chunk is left alone
			const twice = await retagged(once.bytes, format, { ...TAGS, cover: second });
			if (format === 'wav') assert.equal(twice, null);
			else assert.ok(second.equals((await read(twice?.bytes ?? first, format)).cover ?? first));
		}
	});

	it('are not written where that would touch more than tags', async () => {
		for (const format of ['m4a', 'ogg', 'opus'] as const) {
			assert.equal(await retagged(await makeSample(format, { seconds: 1 }), format), null, format);
		}
	});

	it('are not written into what cannot be taken apart without a doubt', async () => {
		const music = await makeSample('mp3', { seconds: 1, args: ['-id3v2_version', '0'] });
		const frame = id3Frame(3, 'TIT2', encodedText('old', 'latin1'));
		const before = (tag: Buffer) => retagged(Buffer.concat([tag, music]), 'mp3');
		assert.ok(await before(id3Tag(3, [frame])));
		assert.equal(await before(id3Tag(2, [id3Frame(2, 'TT2', encodedText('old', 'latin1'))])), null);
		assert.equal(await before(id3Tag(3, [frame], { unsynced: true })), null);
		assert.equal(await before(id3Tag(3, [frame.subarray(0, 9)])), null);
		const twice = Buffer.concat([id3Tag(3, [frame]), id3Tag(3, [frame])]);
		assert.equal(await before(twice), null);
		const wav = await makeSample('wav', { seconds: 1 });
		assert.equal(await retagged(wav.subarray(0, wav.length - 100), 'wav'), null);
		assert.equal(await retagged(Buffer.from('fLaC and then nothing'), 'flac'), null);
	});
});
