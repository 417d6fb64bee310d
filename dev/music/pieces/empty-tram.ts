import { MUSIC_BOX, strike } from '../instruments/partials.ts';
import { organ } from '../instruments/sustained.ts';
import { guitarOf } from './guitar.ts';
import { master } from '../master.ts';
import { composeMelody } from '../melody.ts';
import { Mixer } from '../mixer.ts';
import type { Piece } from '../piece.ts';
import { hertzOf, midiOf, notesOf, Scale } from '../pitch.ts';
import { Random } from '../random.ts';

const BEAT = 60 / 138;
const MINOR_PART = [
	'G2 Bb3 D4 G4',
	'G2 Bb3 D4 G4',
	'C3 C4 Eb4 G4',
	'D3 C4 D4 F#4',
	'G2 Bb3 D4 G4',
	'Eb3 Bb3 Eb4 G4',
	'C3 C4 Eb4 A4',
	'D3 C4 D4 F#4'
].map(notesOf);
const MAJOR_PART = [
	'Bb2 Bb3 D4 F4',
	'F2 A3 C4 F4',
	'Eb3 Bb3 Eb4 G4',
	'Bb2 Bb3 D4 F4',
	'C3 C4 Eb4 G4',
	'G2 Bb3 D4 G4',
	'D3 A3 D4 F#4',
	'D3 C4 D4 F#4'
].map(notesOf);
const BARS = [...MINOR_PART, ...MAJOR_PART, ...MINOR_PART];
const REEDS = [
	[1, 0.5],
	[1.006, 0.4],
	[2, 0.3],
	[3, 0.22],
	[4, 0.12],
	[5, 0.08]
] as const;

/** oom-pah-pah: a string, then two breaths of an accordion. */
function addBar(mixer: Mixer, chord: readonly number[], bar: number, random: Random): void {
	const [root = 43, ...upper] = chord;
	mixer.add(guitarOf(root, 1.1, 1300, random), bar * 3 * BEAT, { level: 0.4, room: 0.12 });
	const envelope = { attack: 0.03, decay: 1, sustain: 0.8, release: 0.12 };
	for (const beat of [1, 2]) {
		for (const midi of upper) {
			const reed = organ(hertzOf(midi), 0.55 * BEAT, envelope, REEDS);
			const at = (bar * 3 + beat) * BEAT;
			mixer.add(reed, at, { level: beat === 1 ? 0.075 : 0.06, pan: -0.35, room: 0.25 });
		}
	}
}

/** The last tram turns its round with nobody in it, and waltzes a little. */
export const emptyTram: Piece = {
	slug: 'waltz-for-an-empty-tram',
	compose() {
		const random = new Random('waltz for an empty tram');
		const mixer = new Mixer(BARS.length * 3 * BEAT + 4.5);
		BARS.forEach((chord, bar) => addBar(mixer, chord, bar, random));
		const melody = composeMelody({
			random,
			scale: new Scale('G4', 'minor'),
			chords: BARS.map((chord) => chord.slice(1)),
			beatsPerBar: 3,
			rhythms: [[2, 1], [1, 1, 1], [1.5, 0.5, 1], [3]],
			form: 'AABCAABD',
			lowest: midiOf('G4'),
			highest: midiOf('Bb5')
		});
		for (const note of melody) {
			const box = strike(hertzOf(note.midi + 12), 1.8, MUSIC_BOX);
			mixer.add(box, note.beat * BEAT, { level: 0.19, pan: 0.3, room: 0.35, echo: 0.15 });
		}
		const end = BARS.length * 3 * BEAT;
		for (const midi of notesOf('G2 D3 Bb3 G4')) {
			mixer.add(guitarOf(midi, 3.5, 2000, random), end, { level: 0.3, room: 0.3 });
		}
		const room = { fade: 2.1, dampHz: 5000, preDelay: 0.018 };
		const mix = mixer.mix(room, { seconds: BEAT, feedback: 0.3, dampHz: 4500 });
		return master(mix, { fadeInSeconds: 0.005, fadeOutSeconds: 3, drive: 0.9 });
	}
};
