import { damp } from '../dsp/filters.ts';
import { noise } from '../dsp/oscillators.ts';
import { SAMPLE_RATE, samplesIn } from '../dsp/sample-rate.ts';
import type { Random } from '../random.ts';

export type PluckTone = {
	/** of the finger's noise, in hertz: higher is brighter */
	brightnessHz: number;
	/** seconds until the string has faded by 60 dB */
	ring: number;
	/** where the string is struck, as a part of its length */
	position: number;
};

/** What the finger does: a burst of noise, dull or bright, with a dip where the string is held. */
function excitation(length: number, tone: PluckTone, random: Random): Float32Array {
	const raw = noise(length, random);
	damp(raw, tone.brightnessHz);
	const shift = Math.max(1, Math.round(length * tone.position));
	const combed = raw.map((value, index) => value - (raw[(index + shift) % length] ?? 0));
	const peak = combed.reduce((highest, value) => Math.max(highest, Math.abs(value)), 1e-6);
	return combed.map((value) => value / peak);
}

/** A string that is plucked: noise circling in a delay line that dulls it a little each time. */
export function pluck(
	frequencyHz: number,
	seconds: number,
	tone: PluckTone,
	random: Random
): Float32Array {
	const period = SAMPLE_RATE / frequencyHz;
	// the averaging below delays by half a sample, the all-pass by what is missing for the pitch
	const whole = Math.max(2, Math.floor(period - 0.6));
	const fraction = period - 0.5 - whole;
	const allPass = (1 - fraction) / (1 + fraction);
	const keep = 10 ** ((-3 * period) / SAMPLE_RATE / tone.ring);
	const line = excitation(whole, tone, random);
	const out = new Float32Array(samplesIn(seconds));
	const attack = samplesIn(0.0015);
	const fade = samplesIn(0.03);
	let last = 0;
	let lastAverage = 0;
	let tuned = 0;
	let position = 0;
	for (let index = 0; index < out.length; index++) {
		const current = line[position] ?? 0;
		const average = keep * (0.5 * current + 0.5 * last);
		tuned = allPass * (average - tuned) + lastAverage;
		lastAverage = average;
		last = current;
		line[position] = tuned;
		position = position + 1 === whole ? 0 : position + 1;
		out[index] = current * Math.min(1, index / attack, (out.length - index) / fade);
	}
	return out;
}
