import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { makeAudio, runProgram, tone } from './testing/audio.ts';
import {
	postFile,
	startServiceProcess,
	type Answer,
	type ServiceProcess
} from './testing/service-process.ts';
import { temporaryFolder } from './testing/temp-folder.ts';

interface Found {
	format: { format_name: string; duration: string; tags?: Record<string, string> };
	streams: {
		codec_type: string;
		codec_name: string;
		sample_rate: string;
		sample_fmt: string;
		channels: number;
		bit_rate?: string;
		tags?: Record<string, string>;
	}[];
}

const TAGS = ['-metadata', 'title=Tïtle', '-metadata', 'artist=Ärtist', '-metadata', 'album=Album'];
const CONTENT_TYPES = {
	mp3: 'audio/mpeg',
	'mp3-128': 'audio/mpeg',
	m4a: 'audio/mp4',
	wav: 'audio/wav',
	flac: 'audio/flac',
	ogg: 'audio/ogg',
	opus: 'audio/ogg; codecs=opus'
};

describe('converting', () => {
	const folder = temporaryFolder();
	let service: ServiceProcess;

	before(async () => {
		service = await startServiceProcess(folder);
	});

	after(() => service.end('SIGTERM'));

	const convert = (path: string, target: string): Promise<Answer> =>
		postFile(`${service.url}/transcode?target=${target}`, path);

	/** What ffprobe says about a converted file, with tags in lower case wherever they are kept. */
	function inspect(answer: Answer): Found & { tags: Record<string, string> } {
		assert.equal(answer.status, 200, answer.body.toString('utf8').slice(0, 500));
		const path = join(folder, 'converted');
		writeFileSync(path, answer.body);
		const args = ['-show_format', '-show_streams', '-of', 'json', path];
		const found = JSON.parse(runProgram('ffprobe', args)) as Found;
		const all = { ...found.streams[0]?.tags, ...found.format.tags };
		const tags = Object.entries(all).map(([key, value]) => [key.toLowerCase(), value]);
		return { ...found, tags: Object.fromEntries(tags) as Record<string, string> };
	}

	it('offers every target with its type, its length and the tags of the source', async () => {
		const source = makeAudio(folder, 'tagged.flac', [...tone(2), ...TAGS]);
		for (const [target, contentType] of Object.entries(CONTENT_TYPES)) {
			const answer = await convert(source, target);
			const found = inspect(answer);
			assert.equal(answer.headers['content-type'], contentType);
			assert.equal(Number(answer.headers['content-length']), answer.body.length);
			assert.ok(Math.abs(Number(found.format.duration) - 2) < 0.1, found.format.duration);
			assert.equal(found.tags['title'], 'Tïtle', target);
			assert.equal(found.tags['artist'], 'Ärtist', target);
			assert.equal(found.tags['album'], 'Album', target);
		}
	});

	it('makes an mp3 when no target is named', async () => {
		const source = makeAudio(folder, 'plain.wav', [...tone(1), '-ac', '2']);
		const answer = await postFile(`${service.url}/transcode`, source);
		const [stream] = inspect(answer).streams;
		assert.equal(stream?.codec_name, 'mp3');
		assert.equal(stream.bit_rate, '320000');
	});

	it('makes a small mp3 of two channels at most, and of one where there is one', async () => {
		for (const [made, channels] of [
			[1, 1],
			[2, 2],
			[6, 2]
		] as const) {
			const source = makeAudio(folder, `of-${made}.wav`, [...tone(1), '-ac', String(made)]);
			const answer = await convert(source, 'mp3-128');
			const [stream] = inspect(answer).streams;
			assert.deepEqual([stream?.codec_name, stream?.bit_rate], ['mp3', '128000']);
			assert.equal(stream?.channels, channels);
			assert.match(answer.headers['content-disposition'] ?? '', /\.mp3"$/);
		}
	});

	it('finds the tags of ogg and opus, and leaves the marks of mp4 behind', async () => {
		const flac = makeAudio(folder, 'source.flac', [...tone(1), ...TAGS]);
		for (const name of ['in.ogg', 'in.opus', 'in.m4a']) {
			const source = makeAudio(folder, name, ['-i', flac]);
			for (const target of ['mp3', 'flac']) {
				const { tags } = inspect(await convert(source, target));
				assert.equal(tags['title'], 'Tïtle', `${name} to ${target}`);
				assert.equal(tags['artist'], 'Ärtist', `${name} to ${target}`);
				assert.equal(tags['major_brand'], undefined, `${name} to ${target}`);
			}
		}
	});

	it('drops cover pictures', async () => {
		const picture = makeAudio(folder, 'cover.png', [
			'-f',
			'lavfi',
			'-i',
			'color',
			'-frames:v',
			'1'
		]);
		const args = [...tone(1), '-i', picture, '-map', '0', '-map', '1', '-c:v', 'copy'];
		const source = makeAudio(folder, 'cover.mp3', [...args, '-disposition:v', 'attached_pic']);
		for (const target of ['mp3', 'm4a', 'ogg']) {
			const { streams } = inspect(await convert(source, target));
			assert.deepEqual(
				streams.map((stream) => stream.codec_type),
				['audio'],
				target
			);
		}
	});

	it('puts the index of an m4a before its sound', async () => {
		const source = makeAudio(folder, 'index.wav', tone(3));
		const { body } = await convert(source, 'm4a');
		assert.ok(body.indexOf('moov') > 0);
		assert.ok(body.indexOf('moov') < body.indexOf('mdat'));
	});

	it('keeps the sample rate where the codec has it and the nearest usual one elsewhere', async () => {
		const expected = [
			[8000, { mp3: 8000, m4a: 8000, ogg: 8000, opus: 48_000 }],
			[88_200, { mp3: 44_100, m4a: 88_200 }],
			[192_000, { mp3: 48_000, m4a: 48_000, wav: 192_000, flac: 192_000, ogg: 48_000 }]
		] as const;
		for (const [rateHz, targets] of expected) {
			const source = makeAudio(folder, `${rateHz}.wav`, [...tone(1, rateHz), '-c:a', 'pcm_s24le']);
			for (const [target, targetRateHz] of Object.entries(targets)) {
				const [stream] = inspect(await convert(source, target)).streams;
				assert.equal(Number(stream?.sample_rate), targetRateHz, `${rateHz} to ${target}`);
			}
		}
	});

	it('makes stereo of surround for listening and keeps it where nothing is lost', async () => {
		const surround = 'pan=5.1(side)|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0';
		const source = makeAudio(folder, '5.1.wav', [...tone(1, 48_000), '-af', surround]);
		for (const [target, channels] of Object.entries({
			mp3: 2,
			m4a: 2,
			ogg: 2,
			opus: 2,
			flac: 6,
			wav: 6
		})) {
			assert.equal(inspect(await convert(source, target)).streams[0]?.channels, channels, target);
		}
	});

	it('keeps 24 bits in a flac, and does not invent them', async () => {
		const deep = makeAudio(folder, 'deep.wav', [...tone(1), '-c:a', 'pcm_s24le']);
		assert.equal(inspect(await convert(deep, 'flac')).streams[0]?.sample_fmt, 's32');
		const lossy = makeAudio(folder, 'lossy.mp3', tone(1));
		assert.equal(inspect(await convert(lossy, 'flac')).streams[0]?.sample_fmt, 's16');
	});

	it('gives back the very samples of a lossless file', async () => {
		const source = makeAudio(folder, 'exact.wav', [...tone(1), '-ac', '2', '-bitexact']);
		const flac = join(folder, 'exact.flac');
		writeFileSync(flac, (await convert(source, 'flac')).body);
		const md5 = (path: string): string => runProgram('ffmpeg', ['-i', path, '-f', 'md5', '-']);
		assert.equal(md5(flac), md5(source));
	});

	it('converts what is left of a damaged file', async () => {
		const whole = makeAudio(folder, 'whole.flac', tone(4));
		const cut = join(folder, 'cut.flac');
		const bytes = readFileSync(whole);
		writeFileSync(cut, bytes.subarray(0, bytes.length / 2));
		const { format } = inspect(await convert(cut, 'mp3'));
		assert.ok(Number(format.duration) > 1 && Number(format.duration) < 3, format.duration);
	});

	it('leaves no temporary file behind', () => {
		assert.deepEqual(service.requestFolders(), []);
	});
});
