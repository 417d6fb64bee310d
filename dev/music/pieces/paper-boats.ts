import { guitarOf } from './guitar.ts';
import { master } from '../master.ts';
import { composeMelody } from '../melody.ts';
import { Mixer } from '../mixer.ts';
import type { Piece } from '../piece.ts';
import { midiOf, notesOf, Scale } from '../pitch.ts';
import { Random } from '../random.ts';

const BEAT = 60 / 98;
/** bass, alternating bass, then the fingers */
const CHORDS = [
	'C3 G2 E3 G3 C4',
	'A2 E3 G3 C4 E4',
	'F2 C3 A3 C4 E4',
	'G2 D3 G3 B3 D4',
	'C3 G2 E3 G3 C4',
	'F2 C3 A3 C4 F4',
	'D3 A2 F3 A3 C4',
	'G2 D3 F3 B3 D4'
].map(notesOf);
const BARS = 16;
/** which string on which eighth of the bar: the thumb walks, the fingers answer */
const PICKING = [0, 4, 2, 3, 1, 4, 2, 3] as const;

const chordOfBar = (bar: number): readonly number[] =>
	(bar === BARS ? CHORDS[0] : CHORDS[bar % CHORDS.length]) ?? [];

function addPicking(mixer: Mixer, bar: number, random: Random): void {
	const chord = chordOfBar(bar);
	PICKING.forEach((place, eighth) => {
		const thumb = place < 2;
		const at = (bar * 4 + eighth / 2) * BEAT + random.between(0, 0.008);
		const string = guitarOf(chord[place] ?? 60, thumb ? 1.6 : 1.2, thumb ? 1500 : 3200, random);
		const level = (thumb ? 0.34 : 0.22) * random.between(0.85, 1);
		mixer.add(string, at, { level, pan: thumb ? -0.15 : -0.35, room: 0.16 });
	});
}

/** Two guitars on a kitchen table: one walks, the other sings. */
export const paperBoats: Piece = {
	slug: 'paper-boats',
	compose() {
		const random = new Random('paper boats');
		const mixer = new Mixer((BARS * 4 + 1) * BEAT + 4);
		for (let bar = 0; bar < BARS; bar++) addPicking(mixer, bar, random);
		chordOfBar(BARS).forEach((midi, index) => {
			const at = BARS * 4 * BEAT + index * 0.045;
			mixer.add(guitarOf(midi, 4, 2200, random), at, { level: 0.28, pan: -0.2, room: 0.25 });
		});
		const melody = composeMelody({
			random,
			scale: new Scale('C5', 'major'),
			chords: Array.from({ length: 12 }, (_, bar) => chordOfBar(bar + 4)),
			beatsPerBar: 4,
			rhythms: [
				[1, 0.5, 0.5, 2],
				[1.5, 0.5, 1, 1],
				[-0.5, 0.5, 0.5, 0.5, 1, 1]
			],
			form: 'ABACDDBA',
			lowest: midiOf('G4'),
			highest: midiOf('A5')
		});
		for (const note of melody) {
			const string = guitarOf(note.midi, note.beats * BEAT + 0.7, 5200, random);
			mixer.add(string, (16 + note.beat) * BEAT, { level: 0.3, pan: 0.3, room: 0.3 });
		}
		const mix = mixer.mix({ fade: 1.6, dampHz: 5000, preDelay: 0.012 });
		return master(mix, { fadeInSeconds: 0.005, fadeOutSeconds: 2.5, drive: 1.0 });
	}
};
