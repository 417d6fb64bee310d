import { damp, highPass, sweepLowPass } from '../dsp/filters.ts';
import { noise, sineAt } from '../dsp/oscillators.ts';
import { SAMPLE_RATE, samplesIn } from '../dsp/sample-rate.ts';
import type { Random } from '../random.ts';

/** The sea from a distance: noise that swells and draws back every few seconds. */
export function waves(seconds: number, periodSeconds: number, random: Random): Float32Array {
	const out = noise(samplesIn(seconds), random);
	const offset = random.next();
	const swellAt = (index: number) =>
		(0.5 + 0.5 * sineAt(index / (periodSeconds * SAMPLE_RATE) + offset)) ** 2;
	sweepLowPass(out, (index) => 250 + 1500 * swellAt(index), 0);
	damp(out, 2500);
	for (let index = 0; index < out.length; index++) {
		out[index] = 0.5 * (0.15 + swellAt(index)) * (out[index] ?? 0);
	}
	return out;
}

/** The dust of a record: quiet hiss and a few soft crackles a second. */
export function dust(seconds: number, cracklesPerSecond: number, random: Random): Float32Array {
	const out = noise(samplesIn(seconds), random).map((value) => 0.012 * value);
	highPass(out, 2000);
	const crackles = Math.round(seconds * cracklesPerSecond);
	for (let crackle = 0; crackle < crackles; crackle++) {
		out[Math.floor(random.between(0, out.length))] = 0.9 * random.between(-1, 1);
	}
	damp(out, 5000);
	return out;
}
