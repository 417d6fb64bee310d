import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PEAK_COUNT, Peaks } from './peaks.ts';

function bytesOf(samples: readonly number[]): Buffer {
	const bytes = Buffer.alloc(samples.length * 2);
	samples.forEach((sample, index) => bytes.writeInt16LE(sample, index * 2));
	return bytes;
}

function peaksOf(chunks: readonly Buffer[]): number[] {
	const peaks = new Peaks();
	for (const chunk of chunks) peaks.push(chunk);
	return peaks.finish();
}

describe('a waveform', () => {
	it('always has 1800 values', () => {
		for (const count of [0, 1, 7, 1799, 1800, 1801, 28_800, 28_801, 100_003]) {
			const values = peaksOf([bytesOf(Array.from({ length: count }, () => 12_800))]);
			assert.equal(values.length, PEAK_COUNT);
			assert.deepEqual(new Set(values), new Set([count === 0 ? 0 : 100]), `${count} samples`);
		}
	});

	it('is loud where the sound is loud, whatever its length', () => {
		for (const count of [18_000, 1_000_000]) {
			const samples = Array.from({ length: count }, (_, index) =>
				index < count / 2 ? 256 : -25_600
			);
			const values = peaksOf([bytesOf(samples)]);
			assert.equal(values[100], 2);
			assert.equal(values[890], 2);
			assert.equal(values[910], 200);
			assert.equal(values[1799], 200);
		}
	});

	it('reaches 255 and no further', () => {
		assert.equal(peaksOf([bytesOf([-32_768])])[0], 255);
		assert.equal(peaksOf([bytesOf([32_767])])[0], 255);
	});

	it('does not depend on how the bytes were cut', () => {
		const bytes = bytesOf(Array.from({ length: 50_000 }, (_, index) => (index * 37) % 30_000));
		const whole = peaksOf([bytes]);
		for (const size of [1, 3, 4097]) {
			const chunks = [];
			for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
			assert.deepEqual(peaksOf(chunks), whole, `cut every ${size} bytes`);
		}
	});

	it('counts every sample', () => {
		const peaks = new Peaks();
		peaks.push(Buffer.alloc(199_999));
		peaks.push(Buffer.alloc(1));
		assert.equal(peaks.sampleCount, 100_000);
	});
});
