import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ffmpegBytes, makeSample } from '#lib/server/testing/audio-samples.ts';
import {
	listObjects,
	listTrackRecords,
	type PublishingSite,
	startPublishingSite,
	waitForEmptyStaging,
	waitForUpload
} from './publishing-site.ts';

interface BadFile {
	what: string;
	code: string;
	/** what the artist is told */
	sentence: RegExp;
	make: () => Promise<Buffer> | Buffer;
}

const tone = (seconds: number) => ['-f', 'lavfi', '-i', `sine=duration=${seconds}`];
const picture = ['-f', 'lavfi', '-i', 'testsrc=size=64x64:rate=5:duration=2'];

/** The head of a wav that promises two minutes, with nothing behind it. */
function lyingWav(): Buffer {
	const head = Buffer.alloc(44);
	head.write('RIFF', 0, 'latin1');
	head.writeUInt32LE(36 + 21_168_000, 4);
	head.write('WAVEfmt ', 8, 'latin1');
	head.writeUInt32LE(16, 16);
	head.writeUInt16LE(1, 20);
	head.writeUInt16LE(2, 22);
	head.writeUInt32LE(44_100, 24);
	head.writeUInt32LE(176_400, 28);
	head.writeUInt16LE(4, 32);
	head.writeUInt16LE(16, 34);
	head.write('data', 36, 'latin1');
	head.writeUInt32LE(21_168_000, 40);
	return head;
}

/** An ID3 tag of 64 MiB of pictures in front of nothing. */
function tagBomb(): Buffer {
	const bytes = Buffer.alloc(64 * 1024 * 1024);
	bytes.write('ID3\x04', 0, 'latin1');
	const size = bytes.length - 10;
	for (const [at, shift] of [21, 14, 7, 0].entries()) bytes[6 + at] = (size >> shift) & 127;
	return bytes;
}

const half = async (bytes: Promise<Buffer>) => {
	const whole = await bytes;
	return whole.subarray(0, whole.length / 2);
};

const BAD: BadFile[] = [
	{
		what: 'a renamed text',
		code: 'unsupported_audio',
		sentence: /^this is text, not audio we can publish\. supported: mp3, m4a/,
		make: () => Buffer.from('la la la\n'.repeat(500))
	},
	{
		what: 'a video',
		code: 'unsupported_audio',
		sentence: /this is a video \(mp4\)/,
		make: () => ffmpegBytes([...picture, ...tone(2), '-c:v', 'mpeg4'], 'mp4')
	},
	{
		what: 'a zip bomb of tags',
		code: 'unsupported_audio',
		sentence: /a tag with nothing behind it/,
		make: tagBomb
	},
	{
		what: 'a wav without the sound its header promises',
		code: 'not_audio',
		sentence: /no sound/,
		make: lyingWav
	},
	{
		what: 'half a flac',
		code: 'truncated',
		sentence: /it says it plays 0:10\.0, and only 0:0\d\.\d is there/,
		make: () => half(makeSample('flac', { seconds: 10 }))
	},
	{
		what: 'half a wav',
		code: 'truncated',
		sentence: /it says it plays 0:10\.0, and only 0:0\d\.\d is there/,
		make: () => half(makeSample('wav', { seconds: 10 }))
	},
	{
		what: 'half an aiff',
		code: 'truncated',
		sentence: /cut off/,
		make: () => half(makeSample('aiff', { seconds: 10 }))
	},
	{
		what: 'half an m4a whose table of contents comes first',
		code: 'truncated',
		sentence: /cut off/,
		make: () => half(makeSample('m4a', { seconds: 10, args: ['-movflags', '+faststart'] }))
	},
	{
		what: 'half an m4a whose table of contents came last',
		code: 'unsupported_audio',
		sentence: /cut off: its table of contents is missing/,
		make: () => half(makeSample('m4a', { seconds: 10 }))
	},
	{
		what: 'a flac header followed by nonsense',
		code: 'not_audio',
		sentence: /no sound/,
		make: async () => {
			const flac = await makeSample('flac', { seconds: 10 });
			return Buffer.concat([flac.subarray(0, 8192 + 42), Buffer.alloc(400_000, 'nonsense')]).fill(
				'nonsense',
				100
			);
		}
	}
];

describe('a file that is no whole piece of audio is refused in words', () => {
	let site: PublishingSite;
	let alice: string;
	before(async () => {
		site = await startPublishingSite();
		alice = await site.signIn('alice');
	});
	after(() => site.close());

	for (const { what, code, sentence, make } of BAD) {
		it(`${what}: nothing of it is left, and nothing is published`, async () => {
			const bytes = await make();
			const id = await site.send(alice, { bytes, fileName: 'song.mp3' });
			const upload = await waitForUpload(site.ctx, id);
			assert.equal(upload.status, 'failed', upload.message);
			assert.match(upload.error ?? '', sentence);
			assert.equal(upload.error_code, code);
			const failures = site.ctx.metrics.uploadFailures.points;
			assert.ok(failures.some(({ labels }) => labels[0] === code));
			await waitForEmptyStaging(site.ctx);
			assert.deepEqual(await listObjects(site.ctx), []);
			assert.deepEqual(await listTrackRecords(site.network.pdsUrl, alice), []);
			const { db } = site.ctx;
			assert.deepEqual(await db.selectFrom('audio_files').select('file_id').execute(), []);
			assert.deepEqual(await db.selectFrom('tracks').select('id').execute(), []);
		});
	}

	it('and the process is unharmed: the next song is published', async () => {
		const bytes = await makeSample('mp3', { seconds: 1 });
		const upload = await waitForUpload(site.ctx, await site.send(alice, { bytes, fileName: 'x' }));
		assert.equal(upload.status, 'completed');
	});
});
