import { keepOf } from '../dsp/filters.ts';
import { SAMPLE_RATE, samplesIn } from '../dsp/sample-rate.ts';
import type { Stereo } from '../stereo.ts';

export type Room = {
	/** seconds until the room has faded by 60 dB */
	fade: number;
	/** hertz above which the walls swallow sound */
	dampHz: number;
	/** seconds before it answers */
	preDelay: number;
};

/** Lengths of the delays in samples: primes, so that no two echoes coincide. */
const WALLS = [1447, 1669, 1931, 2207, 2539, 2887, 3253, 3719] as const;
const DIFFUSERS = [227, 379] as const;

/** Smears clicks into small clouds without colouring them (Schroeder's all-pass), in place. */
function diffuse(samples: Float32Array, length: number): void {
	const line = new Float32Array(length);
	for (let index = 0, at = 0; index < samples.length; index++) {
		const delayed = line[at] ?? 0;
		const stored = (samples[index] ?? 0) + 0.6 * delayed;
		line[at] = stored;
		at = at + 1 === length ? 0 : at + 1;
		samples[index] = delayed - 0.6 * stored;
	}
}

/** What arrives at the walls. */
function approach(input: Float32Array, preDelaySeconds: number): Float32Array {
	const arriving = new Float32Array(input.length);
	arriving.set(
		input.subarray(0, input.length - samplesIn(preDelaySeconds)),
		samplesIn(preDelaySeconds)
	);
	for (const length of DIFFUSERS) diffuse(arriving, length);
	return arriving;
}

/** The eight delays in one piece of memory, each from its base on. */
function buildWalls(room: Room) {
	const lengths = Int32Array.from(WALLS);
	const bases = lengths.map((_, wall) => lengths.slice(0, wall).reduce((a, b) => a + b, 0));
	const keeps = Float64Array.from(
		WALLS,
		(length) => 10 ** ((-3 * length) / SAMPLE_RATE / room.fade)
	);
	const memory = new Float32Array(WALLS.reduce((sum, length) => sum + length, 0));
	const count = WALLS.length;
	return {
		...{ count, lengths, bases, keeps, memory },
		positions: new Int32Array(count),
		damped: new Float64Array(count),
		heard: new Float64Array(count)
	};
}

/**
 * Adds the room's answer to `input` to `out`: a network of eight delays, each fed by all others
 * through a Householder reflection, which loses no energy of its own.
 */
export function addReverb(out: Stereo, input: Float32Array, room: Room, level: number): void {
	const arriving = approach(input, room.preDelay);
	const { count, lengths, bases, keeps, memory, positions, damped, heard } = buildWalls(room);
	const dampKeep = keepOf(room.dampHz);
	const sides = [out.left, out.right] as const;
	const answer = new Float64Array(2);
	for (let index = 0; index < arriving.length; index++) {
		let sum = 0;
		for (let wall = 0; wall < count; wall++) {
			const raw = memory[(bases[wall] ?? 0) + (positions[wall] ?? 0)] ?? 0;
			const dull = (1 - dampKeep) * raw + dampKeep * (damped[wall] ?? 0);
			damped[wall] = dull;
			heard[wall] = (keeps[wall] ?? 0) * dull;
			sum += heard[wall] ?? 0;
		}
		const shared = (arriving[index] ?? 0) - sum / 4;
		answer.fill(0);
		for (let wall = 0; wall < count; wall++) {
			const at = positions[wall] ?? 0;
			const value = heard[wall] ?? 0;
			memory[(bases[wall] ?? 0) + at] = value + shared;
			positions[wall] = at + 1 === lengths[wall] ? 0 : at + 1;
			answer[wall & 1] = (answer[wall & 1] ?? 0) + value;
		}
		for (let side = 0; side < 2; side++) {
			const samples = sides[side as 0 | 1];
			samples[index] = (samples[index] ?? 0) + level * (answer[side] ?? 0);
		}
	}
}
