import { highPass } from './dsp/filters.ts';
import { samplesIn } from './dsp/sample-rate.ts';
import { Random } from './random.ts';
import type { Stereo } from './stereo.ts';

const PEAK = 10 ** (-3 / 20);
const FULL_SCALE = 32_767;

export type Finish = {
	fadeInSeconds: number;
	fadeOutSeconds: number;
	/** how much single loud moments are rounded off, so that the rest is louder: 0.5 none … 3 a lot */
	drive: number;
};

function peakOf(samples: Float32Array): number {
	let peak = 0;
	for (let index = 0; index < samples.length; index++) {
		peak = Math.max(peak, Math.abs(samples[index] ?? 0));
	}
	return peak;
}

/** A fade that starts and ends without a corner. */
const eased = (part: number): number => 0.5 - 0.5 * Math.cos(Math.PI * Math.min(1, part));

function fadeEnds(samples: Float32Array, finish: Finish): void {
	const fadeIn = samplesIn(finish.fadeInSeconds);
	const fadeOut = samplesIn(finish.fadeOutSeconds);
	for (let index = 0; index < fadeIn; index++) {
		samples[index] = (samples[index] ?? 0) * eased(index / fadeIn);
	}
	for (let left = 0; left < fadeOut; left++) {
		const index = samples.length - 1 - left;
		samples[index] = (samples[index] ?? 0) * eased(left / fadeOut);
	}
}

function saturate(samples: Float32Array, gain: number): void {
	for (let index = 0; index < samples.length; index++) {
		samples[index] = Math.tanh(gain * (samples[index] ?? 0));
	}
}

/**
 * Turns a mix into 16-bit samples, left and right in turn: no offset, faded ends, a peak of -3 dBFS,
 * and noise of the size of the last bit so that quiet endings do not grind (TPDF dither).
 */
export function master({ left, right }: Stereo, finish: Finish): Int16Array {
	for (const channel of [left, right]) highPass(channel, 18);
	for (const channel of [left, right]) fadeEnds(channel, finish);
	const gain = finish.drive / Math.max(1e-9, peakOf(left), peakOf(right));
	for (const channel of [left, right]) saturate(channel, gain);
	const scale = (PEAK * FULL_SCALE) / Math.max(peakOf(left), peakOf(right));
	const dither = new Random('dither');
	const samples = new Int16Array(left.length * 2);
	for (let index = 0; index < left.length; index++) {
		const leftNoise = dither.next() - dither.next();
		samples[2 * index] = Math.round(scale * (left[index] ?? 0) + leftNoise);
		const rightNoise = dither.next() - dither.next();
		samples[2 * index + 1] = Math.round(scale * (right[index] ?? 0) + rightNoise);
	}
	return samples;
}
