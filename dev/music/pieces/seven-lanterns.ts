import { BELL, KALIMBA, strike } from '../instruments/partials.ts';
import { pluck } from '../instruments/pluck.ts';
import { flute } from '../instruments/sustained.ts';
import { master } from '../master.ts';
import { composeMelody } from '../melody.ts';
import { Mixer } from '../mixer.ts';
import type { Piece } from '../piece.ts';
import { hertzOf, midiOf, notesOf, Scale } from '../pitch.ts';
import { Random } from '../random.ts';

const EIGHTH = 0.232;
const BAR = 7 * EIGHTH;
/** two bars each; every bar of seven eighths is counted 2 + 2 + 3 */
const CHORDS = ['E3 G3 B3 D4', 'A3 C#4 E4 G4', 'E3 G3 B3 D4', 'D3 F#3 A3 C#4'].map(notesOf);
const OSTINATO = [0, 2, 1, 3, 0, 2, 3] as const;
const BARS = 20;

const chordOfBar = (bar: number): readonly number[] =>
	CHORDS[Math.floor(bar / 2) % CHORDS.length] ?? [];

function addOstinato(mixer: Mixer, bar: number, random: Random): void {
	const chord = chordOfBar(bar);
	OSTINATO.forEach((place, eighth) => {
		const midi = (chord[place] ?? 64) + 12 + (eighth === 6 && bar % 4 === 3 ? 12 : 0);
		const accent = eighth === 0 || eighth === 2 || eighth === 4;
		mixer.add(strike(hertzOf(midi), 1.6, KALIMBA), bar * BAR + eighth * EIGHTH, {
			level: (accent ? 0.3 : 0.19) * random.between(0.85, 1),
			pan: eighth % 2 ? 0.35 : -0.35,
			room: 0.25,
			echo: 0.2
		});
	});
}

function addBass(mixer: Mixer, bar: number, random: Random): void {
	const root = (chordOfBar(bar)[0] ?? 52) - 12;
	const tone = { brightnessHz: 900, ring: 2.5, position: 0.3 };
	for (const [eighth, midi] of [
		[0, root],
		[4, root + 7]
	] as const) {
		const string = pluck(hertzOf(midi), 3 * EIGHTH + 0.4, tone, random);
		mixer.add(string, bar * BAR + eighth * EIGHTH, { level: 0.34, room: 0.1 });
	}
}

function addSong(mixer: Mixer, random: Random): void {
	const melody = composeMelody({
		random,
		scale: new Scale('E4', 'dorian'),
		chords: Array.from({ length: 8 }, (_, bar) => chordOfBar(8 + bar)),
		beatsPerBar: 7,
		rhythms: [
			[4, 3],
			[2, 2, 3],
			[4, 1, 2]
		],
		form: 'ABAC',
		lowest: midiOf('B4'),
		highest: midiOf('A5')
	});
	const envelope = { attack: 0.07, decay: 2, sustain: 0.8, release: 0.4 };
	const tone = { envelope, vibrato: 14, breath: 0.35, second: 0.2, third: 0.06 };
	for (const note of melody) {
		const whistle = flute(hertzOf(note.midi), note.beats * EIGHTH, tone, random);
		mixer.add(whistle, 8 * BAR + note.beat * EIGHTH, { level: 0.13, pan: 0.1, room: 0.5 });
	}
}

/** Seven beats in a bar, lit one after the other: thumb piano, strings, a whistle, bells. */
export const sevenLanterns: Piece = {
	slug: 'seven-lanterns',
	compose() {
		const random = new Random('seven lanterns');
		const mixer = new Mixer(BARS * BAR + 4);
		for (let bar = 0; bar < BARS; bar++) {
			addOstinato(mixer, bar, random);
			if (bar >= 4 && bar < 18) addBass(mixer, bar, random);
			if (bar % 4 === 0 && bar >= 4) {
				const bell = strike(hertzOf((chordOfBar(bar)[0] ?? 52) + 12), 5, BELL);
				mixer.add(bell, bar * BAR, { level: 0.14, pan: -0.2, room: 0.6 });
			}
		}
		addSong(mixer, random);
		const room = { fade: 2.6, dampHz: 5500, preDelay: 0.015 };
		const mix = mixer.mix(room, { seconds: 3 * EIGHTH, feedback: 0.35, dampHz: 4000 });
		return master(mix, { fadeInSeconds: 0.01, fadeOutSeconds: 3.5, drive: 1.0 });
	}
};
