const SEMITONES: Record<string, number> = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 };

const SCALES = {
	major: [0, 2, 4, 5, 7, 9, 11],
	minor: [0, 2, 3, 5, 7, 8, 10],
	dorian: [0, 2, 3, 5, 7, 9, 10],
	lydian: [0, 2, 4, 6, 7, 9, 11],
	pentatonic: [0, 2, 4, 7, 9],
	minorPentatonic: [0, 3, 5, 7, 10]
} as const;

/** Midi number of a note such as "C4" (60), "F#3" or "Bb2". */
export function midiOf(name: string): number {
	const [, letter = '', accidental = '', octave = ''] = /^([A-G])([#b]?)(-?\d)$/.exec(name) ?? [];
	const semitone = SEMITONES[letter];
	if (semitone === undefined) throw new Error(`"${name}" is not a note`);
	const shift = accidental === '#' ? 1 : accidental === 'b' ? -1 : 0;
	return 12 * (Number(octave) + 1) + semitone + shift;
}

/** "C3 E3 G3" as midi numbers. */
export const notesOf = (names: string): number[] => names.split(' ').map(midiOf);

/** In hertz, equal temperament, A4 = 440 Hz. */
export const hertzOf = (midi: number): number => 440 * 2 ** ((midi - 69) / 12);

/** The notes of a scale as an endless staircase: step 0 is the tonic, negative steps go below it. */
export class Scale {
	readonly #tonic: number;
	readonly #steps: readonly number[];

	constructor(tonic: string, kind: keyof typeof SCALES) {
		this.#tonic = midiOf(tonic);
		this.#steps = SCALES[kind];
	}

	midiAt(step: number): number {
		const size = this.#steps.length;
		const octave = Math.floor(step / size);
		return this.#tonic + 12 * octave + (this.#steps[step - octave * size] ?? 0);
	}

	/** The step whose note is nearest to a midi number. */
	stepNear(midi: number): number {
		const guess = Math.round(((midi - this.#tonic) / 12) * this.#steps.length);
		const around = [-2, -1, 0, 1, 2].map((offset) => guess + offset);
		const distance = (step: number) => Math.abs(this.midiAt(step) - midi);
		return around.reduce((best, step) => (distance(step) < distance(best) ? step : best));
	}
}
