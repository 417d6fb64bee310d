import { kick, noiseHit, snare } from '../instruments/drums.ts';
import { bass } from '../instruments/keyed.ts';
import { pad } from '../instruments/sustained.ts';
import { master } from '../master.ts';
import { composeMelody } from '../melody.ts';
import { Mixer } from '../mixer.ts';
import type { Piece } from '../piece.ts';
import { hertzOf, midiOf, notesOf, Scale } from '../pitch.ts';
import { Random } from '../random.ts';

const BEAT = 60 / 102;
const CHORDS = ['A3 C4 E4 B4', 'F3 A3 C4 G4', 'C4 E4 G4 D5', 'G3 B3 D4 A4'].map(notesOf);
const BARS = 16;

const chordOfBar = (bar: number): readonly number[] => CHORDS[Math.floor(bar / 2) % 4] ?? [];

function addArpeggio(mixer: Mixer, bar: number, random: Random): void {
	const chord = chordOfBar(bar);
	const envelope = { attack: 0.004, decay: 0.25, sustain: 0.25, release: 0.12 };
	const brightHz = 1200 + 250 * Math.min(bar, 12);
	const tone = { envelope, darkHz: 600, brightHz, sweep: 0.9, detune: 9 };
	for (let tick = 0; tick < 16; tick++) {
		const midi = (chord[[0, 2, 1, 3, 2, 1][tick % 6] ?? 0] ?? 60) + (tick % 8 === 7 ? 12 : 0);
		const sound = pad(hertzOf(midi), 0.2 * BEAT, tone, random);
		const at = (bar * 4 + tick / 4) * BEAT;
		mixer.add(sound, at, { level: 0.17, pan: tick % 2 ? 0.5 : -0.5, room: 0.15, echo: 0.3 });
	}
}

function addFloor(mixer: Mixer, bar: number, random: Random): void {
	const chord = chordOfBar(bar);
	const root = (chord[0] ?? 57) - 24;
	const pulse = { attack: 0.004, decay: 0.4, sustain: 0.3, release: 0.05 };
	const low = { envelope: pulse, openHz: 900, closedHz: 220, resonance: 0.2, edge: 0.6 };
	for (let eighth = 0; eighth < 8 && bar >= 2; eighth++) {
		const sound = bass(hertzOf(root), 0.35 * BEAT, low);
		mixer.add(sound, (bar * 4 + eighth / 2) * BEAT, { level: eighth % 2 ? 0.34 : 0.26 });
	}
	if (bar % 2) return;
	const envelope = { attack: 0.9, decay: 6, sustain: 0.8, release: 1.6 };
	const tone = { envelope, darkHz: 500, brightHz: 2200, sweep: 9, detune: 20 };
	for (const midi of chord) {
		for (const pan of [-0.8, 0.8]) {
			const sound = pad(hertzOf(midi), 8 * BEAT, tone, random);
			mixer.add(sound, bar * 4 * BEAT, { level: 0.06, pan, room: 0.4 });
		}
	}
}

function addDrums(mixer: Mixer, random: Random): void {
	const thump = kick({ fromHz: 170, toHz: 50, ring: 0.3, click: 0.4 });
	const crack = snare(0.28, 0.6, random);
	const hat = noiseHit({ lowestHz: 7000, highestHz: 12_000, ring: 0.05 }, random);
	for (let bar = 4; bar < BARS; bar++) {
		for (let beat = 0; beat < 4; beat++) {
			const at = (bar * 4 + beat) * BEAT;
			if (beat % 2) mixer.add(crack, at, { level: 0.36, room: 0.7 });
			else mixer.add(thump, at, { level: 0.6 });
			mixer.add(hat, at + BEAT / 2, { level: 0.22, pan: 0.2 });
		}
	}
}

/** Orange lamps pass at an even pace; it is late and the road is empty. */
export const sodiumLights: Piece = {
	slug: 'sodium-lights',
	compose() {
		const random = new Random('sodium lights');
		const mixer = new Mixer(BARS * 4 * BEAT + 4);
		for (let bar = 0; bar < BARS; bar++) {
			addArpeggio(mixer, bar, random);
			addFloor(mixer, bar, random);
		}
		addDrums(mixer, random);
		const melody = composeMelody({
			random,
			scale: new Scale('A4', 'minor'),
			chords: Array.from({ length: 8 }, (_, bar) => chordOfBar(bar + 8)),
			beatsPerBar: 4,
			rhythms: [
				[3, 1],
				[1.5, 1.5, 1],
				[2, 2]
			],
			form: 'ABAC',
			lowest: midiOf('E5'),
			highest: midiOf('E6')
		});
		const envelope = { attack: 0.05, decay: 2, sustain: 0.7, release: 0.5 };
		const tone = { envelope, darkHz: 1500, brightHz: 3600, sweep: 2.3, detune: 14 };
		for (const note of melody) {
			const sound = pad(hertzOf(note.midi), note.beats * BEAT, tone, random);
			mixer.add(sound, (32 + note.beat) * BEAT, { level: 0.17, room: 0.4, echo: 0.4 });
		}
		const room = { fade: 2.4, dampHz: 5500, preDelay: 0.02 };
		const mix = mixer.mix(room, { seconds: BEAT * 0.75, feedback: 0.4, dampHz: 3500 });
		return master(mix, { fadeInSeconds: 0.01, fadeOutSeconds: 4, drive: 2.0 });
	}
};
