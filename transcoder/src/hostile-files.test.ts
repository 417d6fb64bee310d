import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { makeAudio, runProgram, tone, wavHeader } from './testing/audio.ts';
import { descendantsOf, isRunning, memoryBytes } from './testing/processes.ts';
import { postFile, startServiceProcess, type ServiceProcess } from './testing/service-process.ts';
import { temporaryFolder } from './testing/temp-folder.ts';

const MIB = 1024 * 1024;

/** An ID3v2.4 size: four groups of seven bits (id3.org, ID3v2.4 §6.2). */
function id3Size(bytes: number): Buffer {
	return Buffer.from([21, 14, 7, 0].map((shift) => (bytes >> shift) & 0x7f));
}

function id3Frame(name: string, body: Buffer): Buffer {
	return Buffer.concat([Buffer.from(name), id3Size(body.length), Buffer.from([0, 0]), body]);
}

function id3Tag(body: Buffer): Buffer {
	return Buffer.concat([Buffer.from('ID3\x04\x00\x00', 'latin1'), id3Size(body.length), body]);
}

function manyFields(count: number): Buffer[] {
	return Array.from({ length: count }, (_, index) =>
		id3Frame('TXXX', Buffer.from(`\x03field${index}\0value ${index}`, 'latin1'))
	);
}

describe('a file that means harm', () => {
	const folder = temporaryFolder();
	let service: ServiceProcess;
	let mp3: Buffer;

	before(async () => {
		service = await startServiceProcess(folder);
		mp3 = readFileSync(makeAudio(folder, 'secret.mp3', tone(1)));
	});

	after(() => service.end('SIGTERM'));

	function write(name: string, content: string | Buffer): string {
		const path = join(folder, name);
		writeFileSync(path, content);
		return path;
	}

	async function assertNotAudio(path: string, found: RegExp): Promise<void> {
		for (const route of ['/analyse', '/transcode?target=wav']) {
			const answer = await postFile(service.url + route, path);
			const { error, code } = answer.json();
			assert.deepEqual([answer.status, code], [400, 'not_audio'], String(error));
			assert.match(
				String(error),
				/^bad request: this file has no sound that can be read\. found: /
			);
			assert.match(String(error), found);
			assert.ok(!String(error).includes(folder), 'no path of the machine is told');
		}
		assert.deepEqual(service.requestFolders(), []);
	}

	it('cannot make the service read another file of the machine', async () => {
		const secret = join(folder, 'secret.mp3');
		const segment = `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:${secret}\n#EXT-X-ENDLIST\n`;
		const playlist = write('playlist', segment);
		const allowed = ['-allowed_extensions', 'ALL', '-protocol_whitelist', 'file', '-i', playlist];
		assert.match(runProgram('ffprobe', ['-show_format', ...allowed]), /hls/, 'the bait works');
		await assertNotAudio(playlist, /a playlist/);
		const converted = await postFile(`${service.url}/transcode?target=wav`, playlist);
		assert.deepEqual([converted.status, converted.json()['code']], [400, 'not_audio']);
		await assertNotAudio(
			write('concat', `ffconcat version 1.0\nfile ${secret}\n`),
			/a list of files/
		);
		await assertNotAudio(write('pls', `[playlist]\nFile1=${secret}\n`), /a playlist/);
		const sdp =
			'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n';
		await assertNotAudio(write('sdp', sdp), /plain text/);
		const xml = `<?xml version="1.0"?><MPD><BaseURL>file:${secret}</BaseURL></MPD>`;
		await assertNotAudio(write('mpd', xml), /an xml document/);
	});

	it('is named for what it is when it holds no sound', async () => {
		await assertNotAudio(
			write('a.txt', 'hello, this is text, and more of it. '.repeat(500)),
			/plain text/
		);
		await assertNotAudio(write('a.html', '<!DOCTYPE html><html></html>'), /a web page/);
		await assertNotAudio(write('a.zeros', Buffer.alloc(100_000)), /nothing but zeros/);
		const random = Buffer.from(
			Array.from({ length: 50_000 }, (_, i) => (i * i * 7919 + i * 31) >> 3)
		);
		await assertNotAudio(write('a.bin', random), /no audio format known here/);
		const picture = makeAudio(folder, 'a.png', ['-f', 'lavfi', '-i', 'testsrc', '-frames:v', '1']);
		await assertNotAudio(picture, /a png picture/);
		const video = makeAudio(folder, 'a.mp4', ['-f', 'lavfi', '-i', 'testsrc=duration=1']);
		await assertNotAudio(video, /a video without sound \(h264\)/);
	});

	it('is refused when only its beginning is sound', async () => {
		const shape = { formatTag: 1, channels: 2, rateHz: 44_100, bitsPerSample: 16 };
		const header = wavHeader({ ...shape, dataBytes: 1_000_000 });
		await assertNotAudio(write('header.wav', header), /a wav file whose sound is missing/);
		const flac = readFileSync(makeAudio(folder, 'whole.flac', tone(1)));
		await assertNotAudio(
			write('cut.flac', flac.subarray(0, 60)),
			/a flac file whose sound is missing/
		);
		const m4a = readFileSync(makeAudio(folder, 'whole.m4a', tone(2)));
		const half = m4a.subarray(0, m4a.length / 2);
		await assertNotAudio(write('cut.m4a', half), /mp4 file whose index is missing.*cut off/);
	});

	it('is refused when it has more channels than there are names for', async () => {
		const shape = { formatTag: 1, channels: 10, rateHz: 48_000, bitsPerSample: 16 };
		const bytes = Buffer.concat([wavHeader({ ...shape, dataBytes: 96_000 }), Buffer.alloc(96_000)]);
		const answer = await postFile(`${service.url}/analyse`, write('ten.wav', bytes));
		assert.deepEqual([answer.status, answer.json()['code']], [400, 'too_many_channels']);
	});

	it('cannot blow up the service with 64 MB of tag', async () => {
		const text = Buffer.concat([Buffer.from([3]), Buffer.alloc(64 * MIB, 'a')]);
		const path = write('title.mp3', Buffer.concat([id3Tag(id3Frame('TIT2', text)), mp3]));
		const beforeBytes = memoryBytes(service.pid, 'VmRSS');
		const answer = await postFile(`${service.url}/analyse`, path);
		assert.equal(answer.status, 200, answer.body.toString().slice(0, 300));
		const { tags, durationMs } = answer.json() as {
			tags: Record<string, string>;
			durationMs: number;
		};
		assert.equal(durationMs, 1000);
		assert.ok((tags['title'] ?? '').length <= 10_000);
		const grownBytes = memoryBytes(service.pid, 'VmHWM') - beforeBytes;
		assert.ok(grownBytes < 90 * MIB, `grew by ${Math.round(grownBytes / MIB)} MiB`);
	});

	it('gets at most 200 tags back, each of at most 10,000 characters', async () => {
		const long = id3Frame('TIT2', Buffer.from(`\x03${'b'.repeat(50_000)}`, 'latin1'));
		const tag = Buffer.concat([long, ...manyFields(3000)]);
		const path = write('fields.mp3', Buffer.concat([id3Tag(tag), mp3]));
		const answer = await postFile(`${service.url}/analyse`, path);
		const { tags } = answer.json() as { tags: Record<string, string> };
		assert.equal(Object.keys(tags).length, 200);
		assert.equal(tags['title'], 'b'.repeat(10_000));
		assert.equal(tags['field7'], 'value 7');
		assert.ok(answer.body.length < 100_000);
	});

	it('cannot keep ffmpeg busy for minutes with 100,000 tags', async () => {
		const path = write(
			'fields.mp3',
			Buffer.concat([id3Tag(Buffer.concat(manyFields(100_000))), mp3])
		);
		const hasty = await startServiceProcess(folder, { TRANSCODER_TIMEOUT_SECONDS: '4' });
		const startedMs = performance.now();
		const answer = await postFile(`${hasty.url}/transcode`, path);
		assert.deepEqual([answer.status, answer.json()['code']], [400, 'unreadable_header']);
		assert.match(String(answer.json()['error']), /tags .* could not be read within 2 seconds/);
		assert.ok(performance.now() - startedMs < 5000);
		assert.deepEqual(descendantsOf(hasty.pid).filter(isRunning), []);
		assert.deepEqual(hasty.requestFolders(), []);
		await hasty.end('SIGTERM');
	});

	it('is refused when what it decodes to is out of proportion', async () => {
		const small = await startServiceProcess(folder, { TRANSCODER_MAX_UPLOAD_BYTES: '100000' });
		const long = makeAudio(folder, 'long.flac', ['-f', 'lavfi', '-i', 'anullsrc', '-t', '60']);
		const answer = await postFile(`${small.url}/transcode?target=wav`, long);
		assert.deepEqual([answer.status, answer.json()['code']], [413, 'output_too_large']);
		assert.equal((await postFile(`${small.url}/transcode?target=ogg`, long)).status, 200);
		assert.deepEqual(small.requestFolders(), []);
		await small.end('SIGTERM');
	});

	it('does not keep the service from the next one', async () => {
		const copy = join(folder, 'next.mp3');
		copyFileSync(join(folder, 'secret.mp3'), copy);
		assert.equal((await postFile(`${service.url}/transcode`, copy)).status, 200);
	});
});
