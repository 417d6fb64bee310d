import { bass, electricPiano } from '../instruments/keyed.ts';
import { flute } from '../instruments/sustained.ts';
import { noiseHit } from '../instruments/drums.ts';
import { master } from '../master.ts';
import { composeMelody } from '../melody.ts';
import { Mixer } from '../mixer.ts';
import type { Piece } from '../piece.ts';
import { hertzOf, midiOf, notesOf, Scale } from '../pitch.ts';
import { Random } from '../random.ts';

const BEAT = 60 / 70;
const CHORDS = [
	'Eb2 G3 Bb3 D4 F4',
	'C3 Bb3 D4 Eb4 G4',
	'Ab2 G3 Bb3 C4 Eb4',
	'Bb2 Ab3 C4 Eb4 G4',
	'G2 F3 Bb3 D4 F4',
	'C3 G3 Bb3 Eb4 G4',
	'F2 Ab3 C4 Eb4 G4',
	'Bb2 Ab3 C4 D4 F4'
].map(notesOf);
const BARS = 12;

const chordOfBar = (bar: number): readonly number[] => CHORDS[bar % CHORDS.length] ?? [];

function addPiano(mixer: Mixer, bar: number, random: Random): void {
	const upper = chordOfBar(bar).slice(1);
	const strokes = bar % 2 ? [0, 2.5] : [0, 1.5, 3];
	for (const beat of strokes) {
		upper.forEach((midi, index) => {
			const force = (beat === 0 ? 0.75 : 0.45) * random.between(0.85, 1);
			// the hand rolls the chord a little
			const at = (bar * 4 + beat) * BEAT + index * 0.017;
			const sound = electricPiano(hertzOf(midi), 1.6 * BEAT, force);
			mixer.add(sound, at, { level: 0.15, pan: -0.5 + index * 0.33, room: 0.2, echo: 0.1 });
		});
	}
}

function addSong(mixer: Mixer, random: Random): void {
	const melody = composeMelody({
		random,
		scale: new Scale('Eb4', 'major'),
		chords: Array.from({ length: 8 }, (_, bar) => chordOfBar(bar + 2)),
		beatsPerBar: 4,
		rhythms: [
			[1.5, 0.5, 2],
			[-1, 1, 1, 1],
			[3, -1],
			[0.5, 0.5, 1, 2]
		],
		form: 'ABAC',
		lowest: midiOf('Bb4'),
		highest: midiOf('C6')
	});
	const envelope = { attack: 0.06, decay: 1.5, sustain: 0.75, release: 0.5 };
	const tone = { envelope, vibrato: 18, breath: 0.2, second: 0.32, third: 0.12 };
	for (const note of melody) {
		const sound = flute(hertzOf(note.midi), note.beats * BEAT * 0.95, tone, random);
		mixer.add(sound, (8 + note.beat) * BEAT, { level: 0.12, pan: 0.15, room: 0.5, echo: 0.25 });
	}
}

/** An electric piano after closing time; somebody hums the tune on a horn. */
export const harbourLights: Piece = {
	slug: 'harbour-lights',
	compose() {
		const random = new Random('harbour lights');
		const mixer = new Mixer(BARS * 4 * BEAT + 4);
		const envelope = { attack: 0.01, decay: 2, sustain: 0.4, release: 0.25 };
		const tone = { envelope, openHz: 700, closedHz: 260, resonance: 0.1, edge: 0.35 };
		const brush = noiseHit({ lowestHz: 2500, highestHz: 8000, ring: 0.22 }, random);
		for (let bar = 0; bar < BARS; bar++) {
			addPiano(mixer, bar, random);
			const root = hertzOf(chordOfBar(bar)[0] ?? 39);
			mixer.add(bass(root, 2.3 * BEAT, tone), bar * 4 * BEAT, { level: 0.3 });
			mixer.add(bass(root * 1.5, 0.8 * BEAT, tone), (bar * 4 + 3) * BEAT, { level: 0.2 });
			if (bar >= 2) {
				for (const beat of [1, 3]) {
					mixer.add(brush, (bar * 4 + beat) * BEAT, { level: 0.13, pan: 0.25, room: 0.25 });
				}
			}
		}
		addSong(mixer, random);
		const room = { fade: 2.4, dampHz: 4500, preDelay: 0.02 };
		const mix = mixer.mix(room, { seconds: BEAT * 0.75, feedback: 0.3, dampHz: 3000 });
		return master(mix, { fadeInSeconds: 0.01, fadeOutSeconds: 3.5, drive: 0.9 });
	}
};
