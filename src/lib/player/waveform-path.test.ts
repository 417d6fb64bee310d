import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { plainPath, waveformPath } from './waveform-path.ts';

const room = { widthPx: 300, heightPx: 32 };
const bars = (path: string) =>
	[...path.matchAll(/M(\S+) (\S+)h2v(\S+)h-2z/g)].map(([, x, y, height]) => ({
		...{ x: Number(x), y: Number(y), height: Number(height) }
	}));

describe('the shape of a track', () => {
	it('has as many bars as there is room for, from edge to edge', () => {
		const drawn = bars(waveformPath(new Uint8Array(1800).fill(100), room));
		assert.equal(drawn.length, 100);
		assert.equal(drawn[0]?.x, 0);
		assert.equal(drawn.at(-1)?.x, 298);
		assert.equal(bars(waveformPath([1, 2, 3], room)).length, 3);
		assert.equal(waveformPath([1, 2, 3], { ...room, widthPx: 0 }), '');
	});

	it('is as high as there is room where it is loudest, and still there where it is silent', () => {
		const peaks = new Uint8Array(1800);
		peaks.fill(64, 900, 1350);
		peaks[1500] = 128;
		const drawn = bars(waveformPath(peaks, room));
		assert.deepEqual(drawn[0], { x: 0, y: 15, height: 2 });
		assert.equal(drawn[60]?.height, 16);
		const loudest = drawn.filter(({ y, height }) => y === 0 && height === 32);
		assert.equal(loudest.length, 1, 'one moment is not lost among those around it');
		assert.ok(bars(waveformPath(new Uint8Array(1800), room)).every(({ height }) => height === 2));
	});

	it('is a thin bar where nothing is known', () => {
		assert.equal(plainPath(room), 'M0 14h300v4h-300z');
	});
});
