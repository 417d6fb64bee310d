import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Analysis } from './analyse.ts';
import { makeAudio, tone } from './testing/audio.ts';
import { postFile, startServiceProcess, type ServiceProcess } from './testing/service-process.ts';
import { temporaryFolder } from './testing/temp-folder.ts';

describe('analysing', () => {
	const folder = temporaryFolder();
	let service: ServiceProcess;

	before(async () => {
		service = await startServiceProcess(folder);
	});

	after(() => service.end('SIGTERM'));

	async function analyse(path: string): Promise<Analysis> {
		const answer = await postFile(`${service.url}/analyse`, path);
		assert.equal(answer.status, 200, answer.body.toString('utf8').slice(0, 500));
		return answer.json() as unknown as Analysis;
	}

	it('tells what a file is, its length to the millisecond, its loudness and its tags', async () => {
		const args = [...tone(3.217), '-af', 'volume=18dB', '-ac', '2', '-metadata', 'title=Söng'];
		const { peaks, ...facts } = await analyse(makeAudio(folder, 'a.flac', args));
		assert.deepEqual(facts, {
			container: 'flac',
			codec: 'flac',
			sampleRateHz: 44_100,
			channels: 2,
			bitRateBps: facts.bitRateBps,
			durationMs: 3217,
			expectedDurationMs: 3217,
			truncated: false,
			decodeErrors: false,
			tags: { title: 'Söng', encoder: facts.tags['encoder'] },
			loudnessLufs: -3.8,
			truePeakDbtp: -3.1,
			hasVideo: false
		});
		assert.ok(facts.bitRateBps > 50_000 && facts.bitRateBps < 1_411_200);
		assert.equal(peaks.length, 1800);
		assert.ok(peaks.every((peak) => Number.isInteger(peak) && peak >= 175 && peak <= 180));
	});

	it('finds peaks between samples, and those above full scale', async () => {
		const measured = async (rateHz: number, parts: number, phase: string, level = 0.5) => {
			const wave = `${level}*sin(2*PI*n/${parts}+${phase})*min(1\\,n/4800)`;
			const input = ['-f', 'lavfi', '-i', `aevalsrc=${wave}:s=${rateHz}:d=2`];
			const name = `${rateHz}-${parts}-${level}.wav`;
			const file = await analyse(makeAudio(folder, name, [...input, '-c:a', 'pcm_f32le']));
			return file.truePeakDbtp ?? 0;
		};
		// EBU Tech 3341: a quarter, a sixth, an eighth of the rate, never sampled at its top
		const peaks = [
			...(await Promise.all([44_100, 48_000, 96_000].map((rate) => measured(rate, 4, 'PI/4')))),
			await measured(48_000, 6, 'PI/3'),
			await measured(48_000, 8, '3*PI/8'),
			await measured(192_000, 64, '0'),
			(await measured(48_000, 4, 'PI/4', 1.5)) - 9.5
		];
		for (const peak of peaks) assert.ok(peak >= -6.4 && peak <= -5.8, peaks.join(' '));
	});

	it('knows every format the product accepts, each with its exact length', async () => {
		const formats: [name: string, container: string, codec: string, ...args: string[]][] = [
			['f.mp3', 'mp3', 'mp3'],
			['f.m4a', 'mp4', 'aac'],
			['alac.m4a', 'mp4', 'alac', '-c:a', 'alac'],
			['f.aac', 'aac', 'aac'],
			['f.wav', 'wav', 'pcm_s16le'],
			['f.aiff', 'aiff', 'pcm_s16be'],
			['f.ogg', 'ogg', 'vorbis'],
			['f.opus', 'ogg', 'opus'],
			['f.flac', 'flac', 'flac']
		];
		for (const [name, container, codec, ...args] of formats) {
			const found = await analyse(makeAudio(folder, name, [...tone(2.5), ...args]));
			assert.equal(found.container, container, name);
			assert.equal(found.codec, codec, name);
			// Raw AAC has no header that could say where its padding ends.
			const toleranceMs = name === 'f.aac' ? 100 : 1;
			assert.ok(
				Math.abs(found.durationMs - 2500) <= toleranceMs,
				`${name}: ${found.durationMs} ms`
			);
			assert.equal(found.truncated, false, name);
		}
	});

	it('measures mono, 5.1, 8 kHz and 192 kHz at 24 bits', async () => {
		const surround = 'pan=5.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0';
		const shapes: [args: string[], rateHz: number, channels: number, lufs: number][] = [
			[tone(3), 44_100, 1, -21.8],
			[tone(3, 8000), 8000, 1, -21.6],
			[[...tone(3, 192_000), '-ac', '2', '-c:a', 'pcm_s24le'], 192_000, 2, -21.8],
			[[...tone(3, 48_000), '-af', surround], 48_000, 6, -14.1]
		];
		for (const [args, rateHz, channels, lufs] of shapes) {
			const found = await analyse(makeAudio(folder, 'shape.wav', args));
			assert.deepEqual([found.sampleRateHz, found.channels], [rateHz, channels]);
			assert.ok(Math.abs((found.loudnessLufs ?? 0) - lufs) <= 0.2, `${found.loudnessLufs} LUFS`);
			assert.equal(found.durationMs, 3000);
			assert.ok(found.peaks.every((peak) => peak > 20));
		}
	});

	it('measures a quiet sound with a loud moment, of which the meters say many lines', async () => {
		const loud = `asetnsamples=32,volume='if(between(t,2,2.003),6.4,0.25)':eval=frame,asetnsamples=4096`;
		const quiet = makeAudio(folder, 'loud-moment.flac', [...tone(4), '-af', loud]);
		const { loudnessLufs, truePeakDbtp } = await analyse(quiet);
		assert.ok(loudnessLufs !== null && loudnessLufs < -20, `${loudnessLufs} LUFS`);
		assert.ok(truePeakDbtp !== null && truePeakDbtp > -6, `${truePeakDbtp} dBTP`);
	});

	it('has no loudness for silence, and none for less than a block of it', async () => {
		const silence = await analyse(
			makeAudio(folder, 's.wav', ['-f', 'lavfi', '-i', 'anullsrc', '-t', '1'])
		);
		assert.deepEqual([silence.loudnessLufs, silence.truePeakDbtp], [null, null]);
		assert.deepEqual(new Set(silence.peaks), new Set([0]));
		const short = await analyse(makeAudio(folder, 'short.wav', tone(0.01)));
		assert.deepEqual([short.durationMs, short.loudnessLufs, short.peaks.length], [10, null, 1800]);
	});

	it('draws the waveform of sound that would cancel itself out in mono', async () => {
		const opposite = ['-af', 'pan=stereo|c0=c0|c1=-1*c0'];
		const { peaks } = await analyse(makeAudio(folder, 'opposite.wav', [...tone(3), ...opposite]));
		assert.ok(peaks.every((peak) => peak > 20));
	});

	it('tells a moving picture from a cover', async () => {
		const picture = ['-f', 'lavfi', '-i', 'testsrc=duration=1:size=64x64'];
		const video = makeAudio(folder, 'v.mp4', [...tone(1), ...picture]);
		assert.equal((await analyse(video)).hasVideo, true);
		const cover = ['-map', '0', '-map', '1', '-frames:v', '1', '-disposition:v', 'attached_pic'];
		for (const name of ['c.mp3', 'c.m4a', 'c.flac']) {
			const path = makeAudio(folder, name, [...tone(1), ...picture, ...cover, '-c:v', 'png']);
			assert.equal((await analyse(path)).hasVideo, false, name);
		}
	});

	it('says when a file ends before the length it promises', async () => {
		for (const name of ['t.flac', 't.wav', 't.aiff', 't.mp3', 't.m4a']) {
			const fast = name === 't.m4a' ? ['-movflags', '+faststart'] : [];
			const bytes = readFileSync(makeAudio(folder, name, [...tone(4), ...fast]));
			const path = join(folder, `cut-${name}`);
			writeFileSync(path, bytes.subarray(0, bytes.length * 0.6));
			const found = await analyse(path);
			assert.equal(found.truncated, true, name);
			assert.ok(
				Math.abs((found.expectedDurationMs ?? 0) - 4000) < 100,
				`${found.expectedDurationMs}`
			);
			assert.ok(found.durationMs > 1000 && found.durationMs < 3500, `${name}: ${found.durationMs}`);
		}
	});

	it('misses a few milliseconds of a file that counts its samples', async () => {
		const cut = async (name: string, lessBytes: number) => {
			const bytes = readFileSync(makeAudio(folder, name, [...tone(4), '-ac', '2']));
			const path = join(folder, `short-${name}`);
			writeFileSync(path, bytes.subarray(0, bytes.length - lessBytes));
			return await analyse(path);
		};
		assert.equal((await cut('w.wav', 1000)).truncated, true);
		assert.equal((await cut('f.flac', 200)).truncated, true);
		// a header that counts itself as sound is no missing sound
		assert.equal((await cut('h.wav', 36)).truncated, false);
	});

	it('misses nothing of a file that does not count, or has more behind its sound', async () => {
		const bytes = readFileSync(makeAudio(folder, 'whole.wav', tone(1.001)));
		const dataSizeAt = bytes.indexOf('data', 12, 'latin1') + 4;
		const flac = readFileSync(makeAudio(folder, 'whole.flac', tone(1.001)));
		// STREAMINFO: 36 bits of total samples from the middle of the 22nd byte of the file on
		flac.writeUInt8(flac.readUInt8(21) & 0xf0, 21);
		flac.writeUInt32BE(0, 22);
		const withSize = (size: number) => {
			const copy = Buffer.from(bytes);
			copy.writeUInt32LE(size, dataSizeAt);
			return copy;
		};
		const tags = Buffer.from('LIST\x08\x00\x00\x00INFOabcd', 'latin1');
		const odd = makeAudio(folder, 'odd.wav', [...tone(1.0011, 8000), '-c:a', 'pcm_u8']);
		const files: [name: string, Buffer][] = [
			['unknown.wav', withSize(0xffffffff)],
			['zero.wav', withSize(0)],
			['tags.wav', Buffer.concat([bytes, tags])],
			['padded.wav', Buffer.concat([readFileSync(odd), tags])],
			['uncounted.flac', flac]
		];
		for (const [name, content] of files) {
			const path = join(folder, name);
			writeFileSync(path, content);
			assert.equal((await analyse(path)).truncated, false, name);
		}
	});

	it('reads past damage in the middle and says so', async () => {
		const bytes = readFileSync(makeAudio(folder, 'd.flac', tone(4)));
		bytes.fill(0x55, bytes.length / 2, bytes.length / 2 + 3000);
		const path = join(folder, 'damaged.flac');
		writeFileSync(path, bytes);
		const found = await analyse(path);
		assert.equal(found.decodeErrors, true);
		assert.ok(found.durationMs > 3000);
	});

	it('leaves no temporary file behind', () => {
		assert.deepEqual(service.requestFolders(), []);
	});
});
