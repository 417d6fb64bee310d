import { SAMPLE_RATE } from './sample-rate.ts';

// Whole sounds are filtered in place: the state stays in local variables, which is what makes a
// minute of music cost a second.

const STEP_SAMPLES = 32;

/**
 * A resonant low-pass of 12 dB per octave (Zavalishin's TPT state-variable filter). Its frequency
 * in hertz is asked for every 32 samples; resonance: 0 none … 0.95 whistling.
 */
export function sweepLowPass(
	samples: Float32Array,
	frequencyAt: (index: number) => number,
	resonance: number
): void {
	const k = 2 - 2 * resonance;
	let first = 0;
	let second = 0;
	for (let start = 0; start < samples.length; start += STEP_SAMPLES) {
		const safeHz = Math.min(Math.max(frequencyAt(start), 20), SAMPLE_RATE * 0.45);
		const g = Math.tan((Math.PI * safeHz) / SAMPLE_RATE);
		const scale = 1 / (1 + g * (g + k));
		const end = Math.min(start + STEP_SAMPLES, samples.length);
		for (let index = start; index < end; index++) {
			const input = samples[index] ?? 0;
			const band = (first + (input - second) * g) * scale;
			const low = second + g * band;
			first = 2 * band - first;
			second = 2 * low - second;
			samples[index] = low;
		}
	}
}

/** Takes out what is above a frequency, 12 dB per octave. */
export function lowPass(samples: Float32Array, frequencyHz: number): void {
	sweepLowPass(samples, () => frequencyHz, 0);
}

/** How much a one-pole filter keeps of its state from one sample to the next. */
export const keepOf = (frequencyHz: number): number =>
	Math.exp((-2 * Math.PI * frequencyHz) / SAMPLE_RATE);

/** Takes out what is below a frequency, 6 dB per octave; at a few hertz only an offset. */
export function highPass(samples: Float32Array, frequencyHz: number): void {
	const keep = keepOf(frequencyHz);
	let lastInput = 0;
	let output = 0;
	for (let index = 0; index < samples.length; index++) {
		const input = samples[index] ?? 0;
		output = keep * (output + input - lastInput);
		lastInput = input;
		samples[index] = output;
	}
}

/** Makes duller from a frequency on, 6 dB per octave. */
export function damp(samples: Float32Array, frequencyHz: number): void {
	const keep = keepOf(frequencyHz);
	let level = 0;
	for (let index = 0; index < samples.length; index++) {
		level = (1 - keep) * (samples[index] ?? 0) + keep * level;
		samples[index] = level;
	}
}
