import { SAMPLE_RATE, samplesIn } from '../dsp/sample-rate.ts';

export type Partial = {
	/** of the note's frequency */
	ratio: number;
	level: number;
	/** seconds until it has faded by 60 dB */
	fade: number;
};

const ATTACK_SECONDS = 0.004;
const END_FADE_SECONDS = 0.05;

/** One fading sine is added to `out`; it is turned like a vector, which is cheaper than `Math.sin`. */
function addPartial(out: Float32Array, frequencyHz: number, partial: Partial): void {
	const angle = (2 * Math.PI * frequencyHz * partial.ratio) / SAMPLE_RATE;
	if (angle > Math.PI * 0.9) return;
	const keep = 10 ** (-3 / (partial.fade * SAMPLE_RATE));
	const cosine = Math.cos(angle) * keep;
	const sine = Math.sin(angle) * keep;
	let real = 0;
	let imaginary = partial.level;
	for (let index = 0; index < out.length; index++) {
		out[index] = (out[index] ?? 0) + real;
		const turned = imaginary * cosine - real * sine;
		real = real * cosine + imaginary * sine;
		imaginary = turned;
	}
}

/** Struck metal, wood or glass: sines that need not be harmonic and fade one by one. */
export function strike(
	frequencyHz: number,
	seconds: number,
	partials: readonly Partial[]
): Float32Array {
	const out = new Float32Array(samplesIn(seconds));
	for (const partial of partials) addPartial(out, frequencyHz, partial);
	const attack = samplesIn(ATTACK_SECONDS);
	const fade = samplesIn(END_FADE_SECONDS);
	for (let index = 0; index < out.length; index++) {
		const edge = Math.min(1, index / attack, (out.length - 1 - index) / fade);
		out[index] = (out[index] ?? 0) * edge;
	}
	return out;
}

/** A church bell has a minor third in it. */
export const BELL: readonly Partial[] = [
	{ ratio: 0.5, level: 0.3, fade: 7 },
	{ ratio: 1, level: 0.45, fade: 5 },
	{ ratio: 1.19, level: 0.18, fade: 3.5 },
	{ ratio: 1.5, level: 0.12, fade: 2.6 },
	{ ratio: 2, level: 0.28, fade: 2.4 },
	{ ratio: 2.66, level: 0.1, fade: 1.4 },
	{ ratio: 4.07, level: 0.06, fade: 0.8 }
];

export const GLASS: readonly Partial[] = [
	{ ratio: 1, level: 0.6, fade: 3.2 },
	{ ratio: 2.003, level: 0.14, fade: 1.8 },
	{ ratio: 3.01, level: 0.1, fade: 0.9 },
	{ ratio: 5.42, level: 0.04, fade: 0.35 }
];

export const MARIMBA: readonly Partial[] = [
	{ ratio: 1, level: 0.8, fade: 1.1 },
	{ ratio: 3.93, level: 0.2, fade: 0.28 },
	{ ratio: 9.2, level: 0.07, fade: 0.09 }
];

export const KALIMBA: readonly Partial[] = [
	{ ratio: 1, level: 0.75, fade: 1.9 },
	{ ratio: 2.01, level: 0.1, fade: 1 },
	{ ratio: 5.9, level: 0.12, fade: 0.18 },
	{ ratio: 8.1, level: 0.05, fade: 0.1 }
];

export const MUSIC_BOX: readonly Partial[] = [
	{ ratio: 1, level: 0.55, fade: 2.2 },
	{ ratio: 2, level: 0.18, fade: 1.3 },
	{ ratio: 4.1, level: 0.16, fade: 0.6 },
	{ ratio: 6.8, level: 0.06, fade: 0.25 }
];
