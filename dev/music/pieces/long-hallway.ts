import { BELL, strike } from '../instruments/partials.ts';
import { organ, pad } from '../instruments/sustained.ts';
import { master } from '../master.ts';
import { Mixer } from '../mixer.ts';
import type { Piece } from '../piece.ts';
import { hertzOf, midiOf } from '../pitch.ts';
import { Random } from '../random.ts';

const SECONDS = 52;
const HUM = [
	[1, 0.7],
	[2.002, 0.25],
	[2.998, 0.16],
	[4.003, 0.07],
	[5.01, 0.03]
] as const;
/** Voices that come out of the dark and go back: note, from, for how long. */
const VOICES = [
	['G3', 4, 14],
	['Eb4', 9, 12],
	['D4', 17, 12],
	['Bb3', 22, 14],
	['F4', 26, 10],
	['G4', 32, 10],
	['Eb4', 36, 10],
	['D4', 41, 6]
] as const;
const BELLS = [
	['C4', 8],
	['G3', 20.5],
	['Bb3', 33],
	['C4', 43]
] as const;

/** A drone to walk through: fifths that beat against each other, far bells, doors of light. */
export const longHallway: Piece = {
	slug: 'the-long-hallway',
	compose() {
		const random = new Random('the long hallway');
		const mixer = new Mixer(SECONDS);
		const swell = { attack: 6, decay: 20, sustain: 0.9, release: 6 };
		for (const [note, level, pan] of [
			['C2', 0.4, 0],
			['G2', 0.26, -0.4],
			['C3', 0.2, 0.4]
		] as const) {
			const hertz = hertzOf(midiOf(note));
			mixer.add(organ(hertz, SECONDS - 7, swell, HUM), 0, { level, pan, room: 0.2 });
			// a tenth of a hertz apart: the drone breathes once in ten seconds
			mixer.add(organ(hertz + 0.1, SECONDS - 7, swell, HUM), 0, { level, pan: -pan, room: 0.2 });
		}
		const slow = { attack: 4, decay: 12, sustain: 0.9, release: 5 };
		const tone = { envelope: slow, darkHz: 250, brightHz: 2400, sweep: 17, detune: 22 };
		for (const [note, at, seconds] of VOICES) {
			for (const pan of [-0.8, 0.8]) {
				const voice = pad(hertzOf(midiOf(note)), seconds, tone, random);
				mixer.add(voice, at, { level: 0.13, pan, room: 0.7 });
			}
		}
		for (const [note, at] of BELLS) {
			mixer.add(strike(hertzOf(midiOf(note)), 8, BELL), at, { level: 0.2, pan: 0.3, room: 1.2 });
		}
		const mix = mixer.mix({ fade: 7.5, dampHz: 3000, preDelay: 0.06 });
		return master(mix, { fadeInSeconds: 4, fadeOutSeconds: 7, drive: 0.6 });
	}
};
