import type { Scale } from './pitch.ts';
import type { Random } from './random.ts';

export type MelodyNote = { beat: number; beats: number; midi: number };

export type MelodyPlan = {
	random: Random;
	scale: Scale;
	/** the chord of each bar, as midi numbers */
	chords: readonly (readonly number[])[];
	beatsPerBar: number;
	/** ways to divide a bar, in beats; a negative length is a rest */
	rhythms: readonly (readonly number[])[];
	/** which idea each bar uses, such as "AABA": bars with one letter share rhythm and contour */
	form: string;
	lowest: number;
	highest: number;
};

type Idea = { rhythm: readonly number[]; contour: number[] };

/** Small steps are likely, a leap of a third or a fourth is an event. */
const MOVES = [-2, -1, -1, -1, 1, 1, 1, 2, 3];

function inventIdeas({ random, rhythms, form }: MelodyPlan): Map<string, Idea> {
	const ideas = new Map<string, Idea>();
	for (const letter of new Set(form)) {
		const rhythm = random.pick(rhythms);
		ideas.set(letter, { rhythm, contour: rhythm.map(() => random.pick(MOVES)) });
	}
	return ideas;
}

function nearestOfChord(chord: readonly number[], midi: number, plan: MelodyPlan): number {
	const reachable: number[] = [];
	for (let octave = -3; octave <= 3; octave++) {
		for (const note of chord) {
			const shifted = note + 12 * octave;
			if (shifted >= plan.lowest && shifted <= plan.highest) reachable.push(shifted);
		}
	}
	const distance = (note: number) => Math.abs(note - midi);
	return reachable.reduce((best, note) => (distance(note) < distance(best) ? note : best), midi);
}

/** One move along the scale; turns round where it would leave the range. */
function move(from: number, by: number, { scale, lowest, highest }: MelodyPlan): number {
	const step = scale.stepNear(from);
	const there = scale.midiAt(step + by);
	return there < lowest || there > highest ? scale.midiAt(step - by) : there;
}

/**
 * A melody that sounds meant: a few ideas of rhythm and contour come back after a form, the first
 * note of every bar belongs to its chord, the others walk along the scale.
 */
export function composeMelody(plan: MelodyPlan): MelodyNote[] {
	const ideas = inventIdeas(plan);
	const melody: MelodyNote[] = [];
	let current = (plan.lowest + plan.highest) / 2;
	plan.chords.forEach((chord, bar) => {
		const idea = ideas.get(plan.form[bar % plan.form.length] ?? '');
		let beat = bar * plan.beatsPerBar;
		idea?.rhythm.forEach((length, index) => {
			if (length > 0) {
				const walked = move(current, idea.contour[index] ?? 1, plan);
				const midi = index === 0 ? nearestOfChord(chord, walked, plan) : walked;
				melody.push({ beat, beats: length, midi });
				current = midi;
			}
			beat += Math.abs(length);
		});
	});
	return melody;
}
