import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { coverJpeg } from '../artwork/cover.ts';
import { SAMPLE_ARTISTS } from '../samples/catalogue.ts';
import { SAMPLE_RATE } from './dsp/sample-rate.ts';
import { pluck } from './instruments/pluck.ts';
import { hertzOf, midiOf, Scale } from './pitch.ts';
import { lowTide } from './pieces/low-tide.ts';
import { savePoint } from './pieces/save-point.ts';
import { Random } from './random.ts';
import { wavOf } from './wav.ts';

const releases = SAMPLE_ARTISTS.flatMap((artist) => artist.releases);
const tracks = releases.flatMap((release) => release.tracks);
const hashOf = (samples: Int16Array) => createHash('sha256').update(samples).digest('hex');
const decibels = (level: number) => 20 * Math.log10(level / 32768);

function measure(samples: Int16Array) {
	const sums = { value: 0, square: 0, neighbours: 0, peak: 0, longestSilence: 0, silence: 0 };
	for (let index = 0; index < samples.length; index++) {
		const value = samples[index] ?? 0;
		sums.value += value;
		sums.square += value * value;
		sums.neighbours += value * (samples[index + 2] ?? 0);
		sums.peak = Math.max(sums.peak, Math.abs(value));
		sums.silence = Math.abs(value) > 20 ? 0 : sums.silence + 1;
		sums.longestSilence = Math.max(sums.longestSilence, sums.silence);
	}
	return {
		seconds: samples.length / 2 / SAMPLE_RATE,
		peakDb: decibels(sums.peak),
		loudnessDb: decibels(Math.sqrt(sums.square / samples.length)),
		offset: Math.abs(sums.value / samples.length),
		// 0 for white noise, near 1 for anything with a pitch
		smoothness: sums.neighbours / sums.square,
		longestSilenceSeconds: sums.longestSilence / 2 / SAMPLE_RATE,
		edges: [0, 1, samples.length - 2, samples.length - 1].map((at) => Math.abs(samples[at] ?? 0))
	};
}

describe('the sample music', { timeout: 300_000 }, () => {
	it('is at least twelve pieces by three artists on two albums and some singles', () => {
		assert.equal(SAMPLE_ARTISTS.length, 3);
		assert.ok(tracks.length >= 12);
		assert.ok(
			releases.filter((release) => release.album && release.tracks.length >= 4).length >= 2
		);
		assert.ok(releases.filter((release) => !release.album).length >= 3);
		assert.equal(new Set(tracks.map((track) => track.title)).size, tracks.length);
		assert.equal(new Set(tracks.map((track) => track.piece.slug)).size, tracks.length);
		assert.deepEqual([...new Set(tracks.map((track) => track.format))].sort(), [
			'flac',
			'mp3',
			'wav'
		]);
	});

	it('is whole: of the right length and level, without offset, clicks at its ends, or noise', () => {
		const hashes = new Set<string>();
		for (const { title, piece } of tracks) {
			const samples = piece.compose();
			const found = measure(samples);
			const story = `${title}: ${JSON.stringify(found)}`;
			assert.ok(found.seconds >= 20 && found.seconds <= 60, story);
			assert.ok(Math.abs(found.peakDb + 3) < 0.1, story);
			assert.ok(found.loudnessDb > -26 && found.loudnessDb < -9, story);
			assert.ok(found.offset < 30, story);
			assert.ok(found.smoothness > 0.8, story);
			assert.ok(found.longestSilenceSeconds < 3, story);
			assert.ok(Math.max(...found.edges) <= 2, story);
			hashes.add(hashOf(samples));
		}
		assert.equal(hashes.size, tracks.length);
	});

	it('is the same every time', () => {
		assert.equal(hashOf(savePoint.compose()), hashOf(savePoint.compose()));
		assert.notEqual(hashOf(savePoint.compose()), hashOf(lowTide.compose()));
	});

	it('is in tune: a string sounds at the pitch it was asked for', () => {
		const tone = { brightnessHz: 3000, ring: 4, position: 0.21 };
		for (const note of ['E2', 'A3', 'C5', 'A5']) {
			const string = pluck(hertzOf(midiOf(note)), 1, tone, new Random(note));
			const energyAt = (cents: number) => {
				const angle = (2 * Math.PI * hertzOf(midiOf(note)) * 2 ** (cents / 1200)) / SAMPLE_RATE;
				const cosine = string.reduce((sum, value, at) => sum + value * Math.cos(angle * at), 0);
				const sine = string.reduce((sum, value, at) => sum + value * Math.sin(angle * at), 0);
				return cosine * cosine + sine * sine;
			};
			const offsets = Array.from({ length: 21 }, (_, index) => (index - 10) * 3);
			const loudest = offsets.reduce((best, cents) =>
				energyAt(cents) > energyAt(best) ? cents : best
			);
			assert.ok(Math.abs(loudest) <= 6, `${note} is off by ${loudest} cents`);
		}
		const scale = new Scale('D4', 'dorian');
		assert.equal(scale.midiAt(7), midiOf('D5'));
		assert.equal(scale.midiAt(-1), midiOf('C4'));
		assert.equal(scale.stepNear(midiOf('A4')), 4);
	});

	it('is written as a wav file every player knows', () => {
		const file = wavOf(Int16Array.of(1, -1, 32767, -32768));
		assert.equal(file.length, 52);
		assert.equal(file.toString('ascii', 0, 4) + file.toString('ascii', 8, 16), 'RIFFWAVEfmt ');
		assert.equal(file.readUInt32LE(4), 44);
		assert.equal(file.readUInt32LE(24), 44_100);
		assert.deepEqual(
			[44, 46, 48, 50].map((at) => file.readInt16LE(at)),
			[1, -1, 32767, -32768]
		);
	});

	it('has a cover of its own for every release', async () => {
		const hashes = new Set<string>();
		for (const { cover } of releases) {
			const picture = await coverJpeg(cover);
			const { width, height, format } = await sharp(picture).metadata();
			assert.deepEqual([width, height, format], [1200, 1200, 'jpeg']);
			hashes.add(createHash('sha256').update(picture).digest('hex'));
		}
		assert.equal(hashes.size, releases.length);
	});
});
