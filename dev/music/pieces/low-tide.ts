import { glassOf, softPad } from './ambient-voices.ts';
import { organ } from '../instruments/sustained.ts';
import { waves } from '../instruments/textures.ts';
import { master } from '../master.ts';
import { Mixer } from '../mixer.ts';
import type { Piece } from '../piece.ts';
import { hertzOf, notesOf, Scale } from '../pitch.ts';
import { Random } from '../random.ts';

const CHORDS = [
	'D2 A2 F#3 C#4 E4',
	'G2 D3 B3 F#4 A4',
	'B2 F#3 A3 D4 E4',
	'E2 B2 G3 D4 F#4',
	'G2 D3 A3 B3 F#4',
	'D2 A2 E3 F#3 A3'
].map(notesOf);
const CHORD_SECONDS = 7.4;
const SECONDS = CHORD_SECONDS * CHORDS.length + 5;

function addChord(mixer: Mixer, chord: readonly number[], at: number, random: Random): void {
	const [root = 38, ...upper] = chord;
	const weight = { attack: 2.5, decay: 8, sustain: 0.8, release: 4 };
	const drawbars = [[1, 0.8] as const, [2, 0.15] as const];
	const low = organ(hertzOf(root), CHORD_SECONDS, weight, drawbars);
	mixer.add(low, at, { level: 0.3 });
	for (const note of upper) {
		for (const pan of [-0.7, 0.7]) {
			mixer.add(softPad(note, CHORD_SECONDS + 1, random), at, { level: 0.1, pan, room: 0.5 });
		}
	}
}

/** Slow chords over a distant sea, and now and then a drop of glass. */
export const lowTide: Piece = {
	slug: 'low-tide-first-light',
	compose() {
		const random = new Random('low tide, first light');
		const scale = new Scale('D5', 'pentatonic');
		const mixer = new Mixer(SECONDS);
		CHORDS.forEach((chord, index) => addChord(mixer, chord, index * CHORD_SECONDS, random));
		for (let at = 5; at < SECONDS - 6; at += random.between(0.7, 2.2)) {
			const midi = scale.midiAt(Math.floor(random.between(-3, 6)));
			const pan = random.between(-0.8, 0.8);
			const level = random.between(0.05, 0.13);
			mixer.add(glassOf(midi), at, { level, pan, room: 0.8, echo: 0.6 });
		}
		for (const pan of [-0.9, 0.9]) {
			mixer.add(waves(SECONDS, 9.3, random), 0, { level: 0.16, pan, room: 0.1 });
		}
		const room = { fade: 5.5, dampHz: 4200, preDelay: 0.03 };
		const mix = mixer.mix(room, { seconds: 0.62, feedback: 0.55, dampHz: 3500 });
		return master(mix, { fadeInSeconds: 2.5, fadeOutSeconds: 6, drive: 0.6 });
	}
};
