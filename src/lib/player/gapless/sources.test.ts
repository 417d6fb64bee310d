import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { FlacSource } from './flac-source.ts';
import { NotGapless, type Piece } from './gapless-source.ts';
import { M4aSource } from './m4a-source.ts';
import { mp3FramesIn } from './mp3-frames.ts';
import { Mp3Source } from './mp3-source.ts';
import { OpusSource } from './opus-source.ts';
import { concat, RangeReader } from './ranges.ts';
import { allFrom, bytesOf, ffmpeg, forever, serveFile } from './testing/served-file.ts';

/** A length that is no whole number of frames in any format, in samples at 44.1 kHz. */
const SAMPLES = 44_100 * 40 + 12_345;
const SECONDS = SAMPLES / 44_100;

describe('what is read of a file to join it to the next', () => {
	let dir: string;

	before(async () => {
		dir = await mkdtemp(path.join(tmpdir(), 'plyr-sources-'));
		const noise = ['-f', 'lavfi', '-i', 'anoisesrc=r=44100:a=0.3:seed=7'];
		const wav = path.join(dir, 'noise.wav');
		await ffmpeg(...noise, '-af', `atrim=end_sample=${SAMPLES}`, '-ac', '2', wav);
		const encodings = {
			'constant.mp3': ['-b:a', '192k'],
			'variable.mp3': ['-q:a', '4'],
			'front.m4a': ['-b:a', '128k', '-movflags', '+faststart'],
			'back.m4a': ['-b:a', '128k'],
			'pieces.m4a': ['-movflags', '+frag_keyframe+empty_moov'],
			'plain.flac': ['-metadata', 'title=noise'],
			'plain.opus': ['-b:a', '96k'],
			'vorbis.ogg': []
		};
		for (const [name, args] of Object.entries(encodings)) {
			await ffmpeg('-i', wav, ...args, path.join(dir, name));
		}
	});
	after(() => rm(dir, { recursive: true, force: true }));

	const readerOf = (name: string) => serveFile(path.join(dir, name));

	/** What a decoder makes of it, as 16 bit stereo samples. */
	async function decoded(bytes: Uint8Array): Promise<Buffer> {
		const { writeFile } = await import('node:fs/promises');
		const from = path.join(dir, 'fragments.mp4');
		const to = path.join(dir, 'decoded.raw');
		await writeFile(from, bytes);
		await ffmpeg('-i', from, '-f', 's16le', to);
		return readFile(to);
	}

	const open = {
		mp3: async (name: string) => Mp3Source.open((await readerOf(name)).reader, forever),
		m4a: async (name: string) => M4aSource.open((await readerOf(name)).reader, forever),
		flac: async (name: string) => FlacSource.open((await readerOf(name)).reader, forever),
		opus: async (name: string) => OpusSource.open((await readerOf(name)).reader, forever)
	};

	it('is counted as it arrives, so that a slow line is not taken for a dead one', async () => {
		const more = Promise.withResolvers<Uint8Array>();
		const body = new ReadableStream<Uint8Array>({
			async start(stream) {
				stream.enqueue(new Uint8Array(1_000));
				stream.enqueue(await more.promise);
				stream.close();
			}
		});
		const headers = { 'content-range': 'bytes 0-1499/1500' };
		const answer = Promise.resolve(new Response(body, { status: 206, headers }));
		const reader = new RangeReader('/audio/a', answer);
		const head = reader.read(0, 1_500, forever);
		for (let i = 0; i < 100 && reader.receivedBytes === 0; i++) {
			await new Promise((resolve) => setImmediate(resolve));
		}
		assert.equal(reader.receivedBytes, 1_000);
		more.resolve(new Uint8Array(500));
		assert.equal((await head).length, 1_500);
		assert.equal(reader.receivedBytes, 1_500);
	});

	it('knows to the sample how much of a file is to be heard', async () => {
		const sources = [
			await open.mp3('constant.mp3'),
			await open.mp3('variable.mp3'),
			await open.m4a('front.m4a'),
			await open.m4a('back.m4a'),
			await open.flac('plain.flac')
		];
		for (const source of sources) {
			assert.equal(Math.round(source.durationSeconds * 44_100), SAMPLES, source.mimeType);
		}
		const { durationSeconds } = await open.opus('plain.opus');
		assert.ok(Math.abs(durationSeconds - SECONDS) < 1 / 48_000);
	});

	it('gives all frames of an mp3, without the encoder’s notes, and says where the sound ends', async () => {
		for (const name of ['constant.mp3', 'variable.mp3']) {
			const pieces = await allFrom(await open.mp3(name), 0);
			const bytes = bytesOf(pieces);
			const frames = mp3FramesIn(bytes, true);
			assert.equal(frames.at(-1)?.end, bytes.length);
			assert.equal(frames[0]?.start, 0);
			assert.ok(!Buffer.from(bytes).includes('Lavc59') || !Buffer.from(bytes).includes('Info'));
			// 576 samples of delay and the 529 of a decoder go before it
			assert.equal(Math.round((pieces[0]?.offsetSeconds ?? 0) * 44_100), -1105);
			assert.equal(Math.round((pieces.at(-1)?.endSeconds ?? 0) * 44_100), SAMPLES);
		}
	});

	it('jumps in an mp3 of one bit rate to the very frame, and ends where it ends all the same', async () => {
		const whole = await allFrom(await open.mp3('constant.mp3'), 0);
		const jumped = await allFrom(await open.mp3('constant.mp3'), 30.5);
		const offset = jumped[0]?.offsetSeconds ?? 0;
		assert.ok(offset <= 30.5 && offset > 30.5 - 2 * (1152 / 44_100), String(offset));
		const tail = bytesOf(jumped);
		assert.ok(Buffer.from(bytesOf(whole)).subarray(-tail.length).equals(tail));
		const frames = mp3FramesIn(tail, true).length;
		const end = jumped.at(-1)?.endSeconds ?? 0;
		assert.equal(Math.round(end * 44_100), SAMPLES);
		assert.ok(Math.abs(offset + (frames * 1152) / 44_100 - end) < 0.1);
	});

	it('jumps near in an mp3 of many bit rates, and exactly to what was passed', async () => {
		const source = await open.mp3('variable.mp3');
		const guessed = await allFrom(source, 20);
		const length = (pieces: Piece[]) => (mp3FramesIn(bytesOf(pieces), true).length * 1152) / 44_100;
		assert.ok(Math.abs(length(guessed) - (SECONDS - 20)) < 1);
		await allFrom(source, 0);
		const known = await allFrom(source, 20);
		const offset = known[0]?.offsetSeconds ?? NaN;
		assert.ok(Math.abs(offset + length(known) - SECONDS) < 0.1);
		assert.equal(Math.round((known.at(-1)?.endSeconds ?? 0) * 44_100), SAMPLES);
	});

	it('puts a flac into fragments in which every sample is the same', async () => {
		const source = await open.flac('plain.flac');
		const original = (await readFile(path.join(dir, 'noise.wav'))).subarray(-SAMPLES * 4);
		const pieces = await allFrom(source, 0);
		const whole = await decoded(concat([source.initSegment, bytesOf(pieces)]));
		assert.ok(whole.equals(original));
	});

	it('finds a place in a flac without reading all before it', async () => {
		const { reader, asked } = await readerOf('plain.flac');
		const source = await FlacSource.open(reader, forever);
		const pieces = await allFrom(source, 35);
		assert.ok(asked.length < 12, asked.join(' '));
		const original = (await readFile(path.join(dir, 'noise.wav'))).subarray(-SAMPLES * 4);
		const rest = await decoded(concat([source.initSegment, bytesOf(pieces)]));
		assert.ok(original.subarray(-rest.length).equals(rest));
		const begins = SECONDS - rest.length / 4 / 44_100;
		assert.ok(begins <= 35 && begins > 34.8, String(begins));
	});

	it('puts aac into fragments, from any place, also when the tables are at the end', async () => {
		for (const name of ['front.m4a', 'back.m4a']) {
			const source = await open.m4a(name);
			assert.equal(source.mimeType, 'audio/mp4; codecs="mp4a.40.2"');
			for (const from of [0, 17.3]) {
				const pieces = await allFrom(source, from);
				assert.equal(Math.round((pieces[0]?.offsetSeconds ?? 0) * 44_100), -1024);
				const sound = await decoded(concat([source.initSegment, bytesOf(pieces)]));
				const seconds = sound.length / 4 / 44_100;
				assert.ok(Math.abs(seconds - (SECONDS - from)) < 0.08, `${name} ${from}: ${seconds}`);
			}
		}
	});

	it('puts opus into fragments, from any place', async () => {
		const source = await open.opus('plain.opus');
		for (const from of [0, 31.9]) {
			const pieces = await allFrom(source, from);
			const sound = await decoded(concat([source.initSegment, bytesOf(pieces)]));
			const seconds = sound.length / 4 / 48_000;
			// a decoder is given some before, and a place is looked for only so far
			const early = seconds - (SECONDS - from);
			assert.ok(early > -0.02 && early < (from === 0 ? 0.05 : 12), `${from}: ${early}`);
		}
	});

	it('leaves what it does not understand to the browser', async () => {
		await assert.rejects(open.m4a('pieces.m4a'), NotGapless);
		await assert.rejects(open.opus('vorbis.ogg'), NotGapless);
		await assert.rejects(open.flac('constant.mp3'), NotGapless);
		await assert.rejects(open.mp3('plain.flac'), NotGapless);
		await assert.rejects(open.m4a('noise.wav'), NotGapless);
		const gone = Promise.resolve(new Response(null, { status: 404 }));
		await assert.rejects(Mp3Source.open(new RangeReader('/audio/a', gone), forever), NotGapless);
	});
});
