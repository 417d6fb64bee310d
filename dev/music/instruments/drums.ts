import { damp, highPass } from '../dsp/filters.ts';
import { noise, sineAt } from '../dsp/oscillators.ts';
import { SAMPLE_RATE, samplesIn } from '../dsp/sample-rate.ts';
import type { Random } from '../random.ts';

const fallOf = (seconds: number): number => 10 ** (-3 / (seconds * SAMPLE_RATE));

/** Fades the first half millisecond and the last three: no drum may click. */
function rounded(out: Float32Array): Float32Array {
	const start = samplesIn(0.0005);
	const end = samplesIn(0.003);
	return out.map(
		(value, index) => value * Math.min(1, index / start, (out.length - 1 - index) / end)
	);
}

export type KickTone = { fromHz: number; toHz: number; ring: number; click: number };

/** A sine that falls from a knock to a hum. */
export function kick(tone: KickTone): Float32Array {
	const out = new Float32Array(samplesIn(tone.ring));
	const fall = fallOf(tone.ring);
	const pitchFall = fallOf(0.16);
	let level = 1;
	let above = tone.fromHz - tone.toHz;
	let phase = 0;
	for (let index = 0; index < out.length; index++) {
		phase += (tone.toHz + above) / SAMPLE_RATE;
		const knock = 1 + tone.click * (above / tone.fromHz);
		out[index] = Math.tanh(1.4 * knock * level * sineAt(phase));
		level *= fall;
		above *= pitchFall;
	}
	return rounded(out);
}

export type NoiseTone = { lowestHz: number; highestHz: number; ring: number };

/** Hats, shakers, brushes: a band of noise that fades. */
export function noiseHit(tone: NoiseTone, random: Random): Float32Array {
	const out = noise(samplesIn(tone.ring), random);
	damp(out, tone.highestHz);
	for (let times = 0; times < 2; times++) highPass(out, tone.lowestHz);
	const fall = fallOf(tone.ring);
	return rounded(out.map((value, index) => 0.8 * value * fall ** index));
}

/** A drum with wires: two tones of the skin under a burst of noise. */
export function snare(ring: number, wires: number, random: Random): Float32Array {
	const rattle = noiseHit({ lowestHz: 900, highestHz: 7000, ring }, random);
	const skinFall = fallOf(ring * 0.6);
	return rounded(
		rattle.map((value, index) => {
			const low = sineAt((index * 186) / SAMPLE_RATE);
			const high = sineAt((index * 331) / SAMPLE_RATE);
			return 0.35 * skinFall ** index * (low + 0.6 * high) + wires * value;
		})
	);
}

/** A stick on the edge of a drum. */
export function rim(): Float32Array {
	const fall = fallOf(0.05);
	return rounded(
		Float32Array.from({ length: samplesIn(0.06) }, (_, index) => {
			const low = sineAt((index * 812) / SAMPLE_RATE);
			const high = sineAt((index * 1710) / SAMPLE_RATE);
			return 0.35 * fall ** index * (low + high);
		})
	);
}
