import { noteOf, shapeNote, type EnvelopeShape } from '../dsp/envelope.ts';
import { damp, sweepLowPass } from '../dsp/filters.ts';
import { addSaw, noise, sineAt } from '../dsp/oscillators.ts';
import { SAMPLE_RATE } from '../dsp/sample-rate.ts';
import type { Random } from '../random.ts';

export type PadTone = {
	envelope: EnvelopeShape;
	/** the low-pass wanders between these, in hertz */
	darkHz: number;
	brightHz: number;
	/** how long one wandering takes, in seconds */
	sweep: number;
	/** cents between the outer of the three saws */
	detune: number;
};

/** Three detuned saws under a slowly moving low-pass: strings, or a warm synthesiser. */
export function pad(
	frequencyHz: number,
	seconds: number,
	tone: PadTone,
	random: Random
): Float32Array {
	const out = noteOf(tone.envelope, seconds);
	for (const part of [-0.5, 0.04, 0.5]) {
		addSaw(out, frequencyHz * 2 ** ((part * tone.detune) / 1200), random.next(), 0.3);
	}
	const from = random.between(0.6, 0.9);
	const range = tone.brightHz / tone.darkHz;
	const openness = (index: number) => 0.5 + 0.5 * sineAt(from + index / (tone.sweep * SAMPLE_RATE));
	sweepLowPass(out, (index) => tone.darkHz * range ** openness(index), 0.1);
	shapeNote(out, tone.envelope, seconds, 1);
	return out;
}

export type FluteTone = {
	envelope: EnvelopeShape;
	/** in cents, reached half a second into the note */
	vibrato: number;
	breath: number;
	/** levels of the second and third harmonic */
	second: number;
	third: number;
};

const VIBRATO_HZ = 5.1;

/** A breathy whistle of three harmonics whose vibrato sets in late. */
export function flute(
	frequencyHz: number,
	seconds: number,
	tone: FluteTone,
	random: Random
): Float32Array {
	const out = noise(noteOf(tone.envelope, seconds).length, random);
	damp(out, Math.min(frequencyHz * 3, 6000));
	let phase = 0;
	for (let index = 0; index < out.length; index++) {
		const depth = Math.min(1, index / (0.5 * SAMPLE_RATE)) * tone.vibrato;
		// 2 ** (cents / 1200), close enough for a few cents
		const bend = 1 + depth * 0.000578 * sineAt((index * VIBRATO_HZ) / SAMPLE_RATE);
		phase += (frequencyHz * bend) / SAMPLE_RATE;
		const tones = sineAt(phase) + tone.second * sineAt(2 * phase) + tone.third * sineAt(3 * phase);
		out[index] = tones + tone.breath * (out[index] ?? 0);
	}
	shapeNote(out, tone.envelope, seconds, 0.6);
	return out;
}

/** Drawbars of an organ: sines at the given multiples, each with its level. */
export function organ(
	frequencyHz: number,
	seconds: number,
	envelope: EnvelopeShape,
	drawbars: readonly (readonly [multiple: number, level: number])[]
): Float32Array {
	const out = noteOf(envelope, seconds);
	const step = frequencyHz / SAMPLE_RATE;
	for (const [multiple, level] of drawbars) {
		if (multiple * frequencyHz > SAMPLE_RATE * 0.45) continue;
		for (let index = 0; index < out.length; index++) {
			out[index] = (out[index] ?? 0) + level * sineAt(index * step * multiple);
		}
	}
	shapeNote(out, envelope, seconds, 0.4);
	return out;
}
