import { GLASS, strike } from '../instruments/partials.ts';
import { pad } from '../instruments/sustained.ts';
import { hertzOf } from '../pitch.ts';
import type { Random } from '../random.ts';

/** A wide, dark string sound that takes its time. */
export const softPad = (midi: number, seconds: number, random: Random): Float32Array =>
	pad(
		hertzOf(midi),
		seconds,
		{
			envelope: { attack: 2.2, decay: 9, sustain: 0.85, release: 4 },
			darkHz: 380,
			brightHz: 1700,
			sweep: 11,
			detune: 16
		},
		random
	);

/** A wine glass touched with a spoon. */
export const glassOf = (midi: number): Float32Array => strike(hertzOf(midi), 3.2, GLASS);
