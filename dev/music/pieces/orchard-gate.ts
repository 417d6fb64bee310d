import { flute } from '../instruments/sustained.ts';
import { noiseHit } from '../instruments/drums.ts';
import { guitarOf } from './guitar.ts';
import { master } from '../master.ts';
import { composeMelody } from '../melody.ts';
import { Mixer } from '../mixer.ts';
import type { Piece } from '../piece.ts';
import { hertzOf, midiOf, notesOf, Scale } from '../pitch.ts';
import { Random } from '../random.ts';

const EIGHTH = 0.3;
const CHORDS = [
	'D3 A3 D4 F4',
	'C3 G3 C4 E4',
	'G2 G3 B3 D4',
	'D3 A3 D4 F4',
	'F2 A3 C4 F4',
	'C3 G3 C4 E4',
	'A2 G3 C4 E4',
	'D3 A3 D4 F4'
].map(notesOf);
const BARS = 18;
const STRINGS = [0, 1, 2, 3, 2, 1] as const;

const chordOfBar = (bar: number): readonly number[] => CHORDS[bar % CHORDS.length] ?? [];

function addSong(mixer: Mixer, random: Random): void {
	const melody = composeMelody({
		random,
		scale: new Scale('D4', 'dorian'),
		chords: Array.from({ length: 16 }, (_, bar) => chordOfBar(bar + 2)),
		beatsPerBar: 6,
		rhythms: [
			[3, 2, 1],
			[2, 1, 2, 1],
			[1, 1, 1, 3],
			[4, 2]
		],
		form: 'ABACABDC',
		lowest: midiOf('A4'),
		highest: midiOf('C6')
	});
	const envelope = { attack: 0.05, decay: 1.2, sustain: 0.85, release: 0.22 };
	const tone = { envelope, vibrato: 16, breath: 0.5, second: 0.12, third: 0.05 };
	for (const note of melody) {
		const at = (12 + note.beat) * EIGHTH;
		const whistle = flute(hertzOf(note.midi), note.beats * EIGHTH * 0.92, tone, random);
		mixer.add(whistle, at, { level: 0.16, pan: 0.2, room: 0.45 });
		// a grace note from above, as pipers do
		if (note.beats < 3) continue;
		const grace = flute(hertzOf(note.midi + 2), 0.05, tone, random);
		mixer.add(grace, at - 0.07, { level: 0.1, pan: 0.2, room: 0.4 });
	}
}

/** A jig at walking pace: guitar in six, a wooden flute, a shaker made of seeds. */
export const orchardGate: Piece = {
	slug: 'the-orchard-gate',
	compose() {
		const random = new Random('the orchard gate');
		const mixer = new Mixer(BARS * 6 * EIGHTH + 4);
		const seeds = noiseHit({ lowestHz: 4000, highestHz: 12_000, ring: 0.09 }, random);
		for (let bar = 0; bar < BARS; bar++) {
			STRINGS.forEach((place, eighth) => {
				const at = (bar * 6 + eighth) * EIGHTH + random.between(0, 0.007);
				const accent = eighth % 3 === 0;
				const string = guitarOf(chordOfBar(bar)[place] ?? 57, 1.3, accent ? 2600 : 1900, random);
				mixer.add(string, at, { level: accent ? 0.33 : 0.22, pan: -0.3, room: 0.2 });
				if (bar >= 2) mixer.add(seeds, at, { level: accent ? 0.1 : 0.05, pan: 0.4, room: 0.15 });
			});
		}
		addSong(mixer, random);
		for (const [index, midi] of notesOf('D2 D3 A3 D4').entries()) {
			mixer.add(guitarOf(midi, 3.6, 2200, random), BARS * 6 * EIGHTH + index * 0.04, {
				level: 0.3,
				pan: -0.2,
				room: 0.3
			});
		}
		const mix = mixer.mix({ fade: 1.9, dampHz: 5200, preDelay: 0.015 });
		return master(mix, { fadeInSeconds: 0.005, fadeOutSeconds: 3, drive: 0.9 });
	}
};
