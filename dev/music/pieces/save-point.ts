import { noiseHit } from '../instruments/drums.ts';
import { chip } from '../instruments/keyed.ts';
import { organ } from '../instruments/sustained.ts';
import { master } from '../master.ts';
import { composeMelody } from '../melody.ts';
import { Mixer } from '../mixer.ts';
import type { Piece } from '../piece.ts';
import { hertzOf, midiOf, notesOf, Scale } from '../pitch.ts';
import { Random } from '../random.ts';

const BEAT = 60 / 126;
const CHORDS = [
	'C4 E4 G4',
	'G3 B3 D4',
	'A3 C4 E4',
	'E3 G3 B3',
	'F3 A3 C4',
	'C4 E4 G4',
	'D4 F4 A4',
	'G3 B3 F4'
].map(notesOf);
const BARS = 16;
const TRIANGLE = [
	[1, 0.8],
	[3, 0.09],
	[5, 0.03]
] as const;

const chordOfBar = (bar: number): readonly number[] => CHORDS[bar % CHORDS.length] ?? [];

function addBacking(mixer: Mixer, bar: number): void {
	const chord = chordOfBar(bar);
	const short = { attack: 0.002, decay: 0.5, sustain: 0.3, release: 0.05 };
	for (let eighth = 0; eighth < 8; eighth++) {
		const at = (bar * 4 + eighth / 2) * BEAT;
		const root = (chord[0] ?? 60) - 24 + (eighth % 4 === 3 ? 12 : 0);
		const low = organ(hertzOf(root), 0.4 * BEAT, { ...short, sustain: 0.8 }, TRIANGLE);
		mixer.add(low, at, { level: 0.75 });
		if (eighth % 2 === 0) continue;
		const tone = { envelope: short, duty: 0.25, vibrato: 0 };
		const arpeggio = chip(chord.map(hertzOf), 0.42 * BEAT, tone);
		mixer.add(arpeggio, at, { level: 0.17, pan: -0.5, room: 0.1 });
	}
}

function addSong(mixer: Mixer, random: Random): void {
	const melody = composeMelody({
		random,
		scale: new Scale('C5', 'major'),
		chords: Array.from({ length: 14 }, (_, bar) => chordOfBar(bar + 2)),
		beatsPerBar: 4,
		rhythms: [
			[0.5, 0.5, 1, 0.5, 0.5, 1],
			[1.5, 0.5, 1, 1],
			[0.75, 0.75, 0.5, 2],
			[1, 1, 0.5, 0.5, 1]
		],
		form: 'ABACABDC',
		lowest: midiOf('G4'),
		highest: midiOf('E6')
	});
	const envelope = { attack: 0.004, decay: 0.9, sustain: 0.5, release: 0.09 };
	for (const note of melody) {
		const tone = { envelope, duty: 0.5, vibrato: note.beats > 0.9 ? 22 : 0 };
		const sound = chip([hertzOf(note.midi)], note.beats * BEAT * 0.85, tone);
		mixer.add(sound, (8 + note.beat) * BEAT, { level: 0.26, pan: 0.25, room: 0.12, echo: 0.3 });
	}
}

/** The music of the room where nothing can happen to you. */
export const savePoint: Piece = {
	slug: 'save-point',
	compose() {
		const random = new Random('save point');
		const mixer = new Mixer(BARS * 4 * BEAT + 3);
		const tick = noiseHit({ lowestHz: 5000, highestHz: 12_000, ring: 0.04 }, random);
		const crash = noiseHit({ lowestHz: 1500, highestHz: 7000, ring: 0.14 }, random);
		for (let bar = 0; bar < BARS; bar++) {
			addBacking(mixer, bar);
			for (let eighth = 0; eighth < 8 && bar >= 2; eighth++) {
				const isBackbeat = eighth % 4 === 2;
				const at = (bar * 4 + eighth / 2) * BEAT;
				mixer.add(isBackbeat ? crash : tick, at, { level: isBackbeat ? 0.22 : 0.1 });
			}
		}
		addSong(mixer, random);
		const last = { attack: 0.004, decay: 2.2, sustain: 0.1, release: 0.4 };
		const ending = chip(notesOf('C4 E4 G4 C5').map(hertzOf), 1.6, {
			envelope: last,
			duty: 0.25,
			vibrato: 0
		});
		mixer.add(ending, BARS * 4 * BEAT, { level: 0.3, room: 0.3, echo: 0.4 });
		const room = { fade: 1.2, dampHz: 6000, preDelay: 0.01 };
		const mix = mixer.mix(room, { seconds: BEAT * 0.75, feedback: 0.35, dampHz: 4500 });
		return master(mix, { fadeInSeconds: 0.005, fadeOutSeconds: 2, drive: 0.8 });
	}
};
