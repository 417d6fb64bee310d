import { pluck } from '../instruments/pluck.ts';
import { hertzOf } from '../pitch.ts';
import type { Random } from '../random.ts';

/** A nylon string; the higher, the shorter it rings. */
export const guitarOf = (
	midi: number,
	seconds: number,
	brightnessHz: number,
	random: Random
): Float32Array => {
	const ring = 5.5 * 2 ** ((40 - midi) / 30);
	return pluck(hertzOf(midi), seconds, { brightnessHz, ring, position: 0.21 }, random);
};
