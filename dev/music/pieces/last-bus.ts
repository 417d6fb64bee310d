import { kick, noiseHit, rim, snare } from '../instruments/drums.ts';
import { bass, electricPiano } from '../instruments/keyed.ts';
import { dust } from '../instruments/textures.ts';
import { lowPass } from '../dsp/filters.ts';
import { master } from '../master.ts';
import { composeMelody } from '../melody.ts';
import { Mixer } from '../mixer.ts';
import type { Piece } from '../piece.ts';
import { hertzOf, midiOf, notesOf, Scale } from '../pitch.ts';
import { Random } from '../random.ts';

const BEAT = 60 / 76;
/** the second of two sixteenths comes late */
const SWING = 0.09;
const CHORDS = ['D2 F3 A3 C4 E4', 'G2 F3 B3 E4 A4', 'C2 E3 B3 D4 G4', 'A1 G3 C#4 F4 A4'].map(
	notesOf
);
const BARS = 12;

/** The whole piano was recorded on a worn tape: dull. */
function worn(sound: Float32Array): Float32Array {
	lowPass(sound, 1900);
	return sound;
}

function addChords(mixer: Mixer, bar: number, random: Random): void {
	const [root = 38, ...upper] = CHORDS[bar % CHORDS.length] ?? [];
	for (const beat of bar % 2 ? [0, 2.5] : [0, 1.5]) {
		upper.forEach((midi, index) => {
			const at = (bar * 4 + beat) * BEAT + index * 0.02 + random.between(0, 0.01);
			const sound = worn(electricPiano(hertzOf(midi), 1.9 * BEAT, beat ? 0.5 : 0.75));
			mixer.add(sound, at, { level: 0.22, pan: -0.4 + index * 0.25, room: 0.2 });
		});
	}
	const envelope = { attack: 0.01, decay: 1.2, sustain: 0.3, release: 0.15 };
	const tone = { envelope, openHz: 500, closedHz: 200, resonance: 0.1, edge: 0.3 };
	for (const [beat, midi, beats] of [
		[0, root, 1.4],
		[1.75, root + 12, 0.4],
		[2.5, root + 7, 1.2]
	] as const) {
		if (bar >= 2) {
			mixer.add(bass(hertzOf(midi), beats * BEAT, tone), (bar * 4 + beat) * BEAT, { level: 0.36 });
		}
	}
}

function addDrums(mixer: Mixer, random: Random): void {
	const thump = kick({ fromHz: 150, toHz: 52, ring: 0.32, click: 0.2 });
	const clap = snare(0.2, 0.45, random);
	const hat = noiseHit({ lowestHz: 6000, highestHz: 9000, ring: 0.05 }, random);
	const stick = rim();
	for (let bar = 2; bar < BARS; bar++) {
		const start = bar * 4;
		for (const beat of bar % 2 ? [0, 1.75, 2.5] : [0, 2.5]) {
			mixer.add(thump, (start + beat) * BEAT, { level: 0.5 });
		}
		for (const beat of [1, 3]) {
			mixer.add(bar < 4 ? stick : clap, (start + beat) * BEAT + 0.012, { level: 0.36, room: 0.12 });
		}
		for (let eighth = 0; eighth < 8; eighth++) {
			const at = (start + eighth / 2) * BEAT + (eighth % 2 ? SWING * BEAT : 0);
			const level = (eighth % 2 ? 0.2 : 0.32) * random.between(0.8, 1);
			mixer.add(hat, at, { level, pan: 0.3 });
		}
	}
}

/** Rain on the window, a slow beat, a piano that has been around. */
export const lastBus: Piece = {
	slug: 'last-bus-window-seat',
	compose() {
		const random = new Random('last bus, window seat');
		const mixer = new Mixer(BARS * 4 * BEAT + 3);
		for (let bar = 0; bar < BARS; bar++) addChords(mixer, bar, random);
		addDrums(mixer, random);
		const melody = composeMelody({
			random,
			scale: new Scale('A4', 'minorPentatonic'),
			chords: Array.from({ length: 8 }, (_, bar) => CHORDS[bar % 4]?.slice(1) ?? []),
			beatsPerBar: 4,
			rhythms: [
				[-0.5, 0.5, 1, 2],
				[1, 0.5, 0.5, -2],
				[-1, 1.5, 1.5]
			],
			form: 'ABAC',
			lowest: midiOf('E4'),
			highest: midiOf('E5')
		});
		for (const note of melody) {
			const sound = worn(electricPiano(hertzOf(note.midi), note.beats * BEAT, 0.8));
			const at = (16 + note.beat) * BEAT;
			mixer.add(sound, at, { level: 0.36, pan: 0.2, room: 0.3, echo: 0.35 });
		}
		for (const pan of [-0.8, 0.8]) {
			mixer.add(dust(BARS * 4 * BEAT + 3, 5, random), 0, { level: 0.22, pan });
		}
		const room = { fade: 1.3, dampHz: 3500, preDelay: 0.01 };
		const mix = mixer.mix(room, { seconds: BEAT * 0.75, feedback: 0.35, dampHz: 2200 });
		return master(mix, { fadeInSeconds: 0.3, fadeOutSeconds: 3.5, drive: 2.0 });
	}
};
