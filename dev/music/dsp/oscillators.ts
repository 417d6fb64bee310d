import type { Random } from '../random.ts';
import { SAMPLE_RATE } from './sample-rate.ts';

const TABLE_SIZE = 4096;
const sineTable = Float64Array.from({ length: TABLE_SIZE + 1 }, (_, index) =>
	Math.sin((2 * Math.PI * index) / TABLE_SIZE)
);

/** Sine of a phase counted in turns. */
export function sineAt(phase: number): number {
	const position = (phase - Math.floor(phase)) * TABLE_SIZE;
	const index = position | 0;
	const low = sineTable[index] ?? 0;
	return low + ((sineTable[index + 1] ?? 0) - low) * (position - index);
}

/** Rounds off the jump of a waveform so that it does not alias (PolyBLEP). */
function smoothJump(phase: number, step: number): number {
	if (phase < step) {
		const x = phase / step;
		return x + x - x * x - 1;
	}
	if (phase > 1 - step) {
		const x = (phase - 1) / step;
		return x * x + x + x + 1;
	}
	return 0;
}

/** Adds a sawtooth of the given level. */
export function addSaw(out: Float32Array, frequencyHz: number, from: number, level: number): void {
	const step = frequencyHz / SAMPLE_RATE;
	let phase = from;
	for (let index = 0; index < out.length; index++) {
		const value = 2 * phase - 1 - smoothJump(phase, step);
		out[index] = (out[index] ?? 0) + level * value;
		phase += step;
		if (phase >= 1) phase -= 1;
	}
}

/**
 * Adds a rectangle of level 1 without its mean; duty is the part of a turn it is up. The pitch is
 * asked for at every sample.
 */
export function addPulse(
	out: Float32Array,
	frequencyAt: (index: number) => number,
	duty: number
): void {
	let phase = 0;
	for (let index = 0; index < out.length; index++) {
		const step = frequencyAt(index) / SAMPLE_RATE;
		const isUp = phase < duty;
		const sinceFall = isUp ? phase + 1 - duty : phase - duty;
		const edges = smoothJump(phase, step) - smoothJump(sinceFall, step);
		out[index] = (out[index] ?? 0) + (isUp ? 1 : -1) + edges + 1 - 2 * duty;
		phase += step;
		if (phase >= 1) phase -= 1;
	}
}

/** White noise between -1 and 1. */
export function noise(length: number, random: Random): Float32Array {
	const out = new Float32Array(length);
	for (let index = 0; index < length; index++) out[index] = random.next() * 2 - 1;
	return out;
}
