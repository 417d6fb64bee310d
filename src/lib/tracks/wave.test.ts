import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WAVE_BARS, WAVE_HEIGHT, wavePath } from './wave.ts';

const barsOf = (path: string | null) =>
	[...(path ?? '').matchAll(/M(\d+) (\d+)v(\d+)/g)].map(([, x, y, height]) => ({
		x: Number(x),
		y: Number(y),
		height: Number(height)
	}));

describe('the waveform of a page', () => {
	it('has the same number of bars for every track, each around the middle', () => {
		const bars = barsOf(wavePath(Array.from({ length: 1800 }, (_, index) => index % 256)));
		assert.equal(bars.length, WAVE_BARS);
		for (const { y, height } of bars) assert.equal(y + height / 2, WAVE_HEIGHT / 2);
	});

	it('is as high as there is room where the track is loudest, however quiet that is', () => {
		const quiet = Array.from({ length: 1800 }, (_, index) => (index === 900 ? 12 : 3));
		const heights = barsOf(wavePath(quiet)).map(({ height }) => height);
		assert.equal(Math.max(...heights), WAVE_HEIGHT - 4);
		assert.ok(Math.min(...heights) < WAVE_HEIGHT / 3);
	});

	it('draws silence, and nothing where nothing is known', () => {
		assert.ok(barsOf(wavePath(new Uint8Array(1800))).every(({ height }) => height === 2));
		assert.equal(wavePath([]), null);
	});
});
