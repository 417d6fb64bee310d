import { noteOf, shapeNote, type EnvelopeShape } from '../dsp/envelope.ts';
import { sweepLowPass } from '../dsp/filters.ts';
import { addPulse, addSaw, sineAt } from '../dsp/oscillators.ts';
import { SAMPLE_RATE } from '../dsp/sample-rate.ts';

const PIANO_ENVELOPE = { attack: 0.003, decay: 3.2, sustain: 0, release: 0.5 };

/** An electric piano by frequency modulation: a soft body, and a tine that rings when hit harder. */
export function electricPiano(frequencyHz: number, seconds: number, force: number): Float32Array {
	const out = noteOf(PIANO_ENVELOPE, seconds);
	const step = frequencyHz / SAMPLE_RATE;
	const indexKeep = Math.exp(-1 / (0.45 * SAMPLE_RATE));
	const tineKeep = Math.exp(-1 / (0.09 * SAMPLE_RATE));
	const tineRatio = frequencyHz * 14 < 12_000 ? 14 : 7;
	let bodyIndex = 0.12 + 0.2 * force;
	let tine = 0.1 * force;
	for (let index = 0; index < out.length; index++) {
		const phase = index * step;
		bodyIndex *= indexKeep;
		tine *= tineKeep;
		const body = sineAt(phase + (0.03 + bodyIndex) * sineAt(phase));
		out[index] = 0.7 * body + tine * sineAt(tineRatio * phase);
	}
	shapeNote(out, PIANO_ENVELOPE, seconds, force);
	return out;
}

export type BassTone = {
	envelope: EnvelopeShape;
	/** low-pass at the beginning and at the end of the note, in hertz */
	openHz: number;
	closedHz: number;
	resonance: number;
	/** 0 only the sine … 1 only the saw */
	edge: number;
};

/** A round bass: a sine for the weight, a filtered saw for the edge. */
export function bass(frequencyHz: number, seconds: number, tone: BassTone): Float32Array {
	const out = noteOf(tone.envelope, seconds);
	addSaw(out, frequencyHz, 0.5, tone.edge);
	const fall = (index: number) => Math.exp(-index / (0.12 * SAMPLE_RATE));
	const openness = (index: number) => (tone.openHz - tone.closedHz) * fall(index);
	sweepLowPass(out, (index) => tone.closedHz + openness(index), tone.resonance);
	const step = frequencyHz / SAMPLE_RATE;
	for (let index = 0; index < out.length; index++) {
		out[index] = (out[index] ?? 0) + (1 - tone.edge) * sineAt(index * step);
	}
	shapeNote(out, tone.envelope, seconds, 0.8);
	return out;
}

export type ChipTone = {
	envelope: EnvelopeShape;
	duty: number;
	/** in cents, at 6 Hz */
	vibrato: number;
};

const TURN_SAMPLES = Math.round(SAMPLE_RATE / 50);

/** The voice of an old games machine; several frequencies are played in turn, fifty a second. */
export function chip(
	frequenciesHz: readonly number[],
	seconds: number,
	tone: ChipTone
): Float32Array {
	const out = noteOf(tone.envelope, seconds);
	const frequencyAt = (index: number) => {
		const turn = Math.floor(index / TURN_SAMPLES) % frequenciesHz.length;
		const depth = Math.min(1, index / (0.25 * SAMPLE_RATE)) * tone.vibrato * 0.000578;
		return (frequenciesHz[turn] ?? 440) * (1 + depth * sineAt((index * 6) / SAMPLE_RATE));
	};
	addPulse(out, frequencyAt, tone.duty);
	shapeNote(out, tone.envelope, seconds, 0.4);
	return out;
}
