import { MUSIC_BOX, strike } from '../instruments/partials.ts';
import { waves } from '../instruments/textures.ts';
import { softPad } from './ambient-voices.ts';
import { master } from '../master.ts';
import { composeMelody } from '../melody.ts';
import { Mixer } from '../mixer.ts';
import type { Piece } from '../piece.ts';
import { hertzOf, midiOf, notesOf, Scale } from '../pitch.ts';
import { Random } from '../random.ts';

const EIGHTH = 0.31;
const BAR = 6 * EIGHTH;
const CHORDS = [
	'F3 A3 C4',
	'D3 F3 A3',
	'Bb2 D3 F3',
	'C3 E3 G3',
	'A2 C3 E3',
	'D3 F3 A3',
	'G2 Bb2 D3',
	'C3 E3 Bb3'
].map(notesOf);
const BARS = 16;

const boxOf = (midi: number): Float32Array => strike(hertzOf(midi), 2.4, MUSIC_BOX);

const chords = Array.from({ length: BARS }, (_, bar) => CHORDS[bar % CHORDS.length] ?? []);

/** When an eighth sounds, in seconds: the spring gives way in the last four bars. */
function timeOf(eighth: number): number {
	const late = Math.max(0, eighth - (BARS - 4) * 6);
	return eighth * EIGHTH + late * late * 0.0032;
}

function addBar(mixer: Mixer, chord: readonly number[], bar: number, random: Random): void {
	[0, 1, 2, 1, 2, 1].forEach((place, eighth) => {
		const sound = boxOf((chord[place] ?? 60) + 12);
		mixer.add(sound, timeOf(bar * 6 + eighth), { level: 0.13, pan: -0.3, room: 0.3 });
	});
	if (bar % 2) return;
	for (const [index, note] of chord.entries()) {
		const place = { level: 0.07, pan: index - 1, room: 0.4 };
		mixer.add(softPad(note, 2 * BAR, random), bar * BAR, place);
	}
}

/** A music box in an empty tower, with the sea outside; it runs down at the end. */
export const lighthouseLullaby: Piece = {
	slug: 'lullaby-for-a-lighthouse',
	compose() {
		const random = new Random('lullaby for a lighthouse');
		const seconds = BARS * BAR + 6;
		const mixer = new Mixer(seconds);
		chords.forEach((chord, bar) => addBar(mixer, chord, bar, random));
		const melody = composeMelody({
			random,
			scale: new Scale('F5', 'major'),
			chords,
			beatsPerBar: 6,
			rhythms: [
				[3, 2, 1],
				[2, 1, 3],
				[3, 3],
				[1, 1, 1, 3]
			],
			form: 'AABACCBA',
			lowest: midiOf('C5'),
			highest: midiOf('D6')
		});
		for (const note of melody) {
			mixer.add(boxOf(note.midi), timeOf(note.beat), { level: 0.3, pan: 0.15, room: 0.4 });
		}
		for (const pan of [-0.9, 0.9]) {
			mixer.add(waves(seconds, 7.7, random), 0, { level: 0.1, pan, room: 0.1 });
		}
		const mix = mixer.mix({ fade: 3, dampHz: 6500, preDelay: 0.02 });
		return master(mix, { fadeInSeconds: 0.6, fadeOutSeconds: 5, drive: 0.8 });
	}
};
