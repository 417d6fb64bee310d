import { glassOf, softPad } from './ambient-voices.ts';
import { bass } from '../instruments/keyed.ts';
import { master } from '../master.ts';
import { Mixer } from '../mixer.ts';
import type { Piece } from '../piece.ts';
import { hertzOf, notesOf } from '../pitch.ts';
import { Random } from '../random.ts';

const BEAT = 60 / 84;
const CHORD_BEATS = 8;
const CHORDS = [
	'A2 C4 E4 G4 B4 E5 G5 B5',
	'F2 C4 E4 G4 A4 E5 G5 C6',
	'C3 D4 E4 G4 A4 D5 G5 A5',
	'G2 B3 D4 E4 A4 D5 E5 B5',
	'D3 C4 E4 F4 A4 C5 F5 A5',
	'A2 C4 E4 G4 B4 E5 A5 B5'
].map(notesOf);
const SECONDS = CHORDS.length * CHORD_BEATS * BEAT + 5;

/** Drops fall from high to low, thicker in the middle of the piece. */
function addDrops(mixer: Mixer, random: Random): void {
	const quarters = CHORDS.length * CHORD_BEATS * 4;
	let place = 6;
	for (let quarter = 0; quarter < quarters; quarter++) {
		const density = 0.3 + 0.4 * Math.sin((Math.PI * quarter) / quarters);
		const accent = quarter % 4 === 0;
		if (!random.chance(accent ? density + 0.25 : density)) continue;
		const drops = (CHORDS[Math.floor(quarter / (CHORD_BEATS * 4))] ?? []).slice(1);
		place = place <= 0 || random.chance(0.12) ? drops.length - 1 : place - 1;
		const late = random.between(0, 0.012);
		mixer.add(glassOf(drops[place] ?? 76), (quarter * BEAT) / 4 + late, {
			level: (accent ? 0.2 : 0.13) * random.between(0.7, 1),
			pan: random.between(-0.9, 0.9),
			room: 0.45,
			echo: 0.35
		});
	}
}

/** Broken chords of glass fall over a quiet floor. */
export const glassRain: Piece = {
	slug: 'glass-rain',
	compose() {
		const random = new Random('glass rain');
		const mixer = new Mixer(SECONDS);
		addDrops(mixer, random);
		const envelope = { attack: 0.4, decay: 6, sustain: 0.5, release: 2.5 };
		const tone = { envelope, openHz: 500, closedHz: 220, resonance: 0, edge: 0.25 };
		CHORDS.forEach(([root = 45, third = 60, fifth = 64], index) => {
			const at = index * CHORD_BEATS * BEAT;
			mixer.add(bass(hertzOf(root), CHORD_BEATS * BEAT, tone), at, { level: 0.28, room: 0.1 });
			for (const [note, pan] of [
				[third, -0.6],
				[fifth, 0.6]
			] as const) {
				mixer.add(softPad(note, CHORD_BEATS * BEAT, random), at, { level: 0.1, pan, room: 0.5 });
			}
		});
		const room = { fade: 3.8, dampHz: 6000, preDelay: 0.02 };
		const mix = mixer.mix(room, { seconds: BEAT * 0.75, feedback: 0.45, dampHz: 5000 });
		return master(mix, { fadeInSeconds: 0.05, fadeOutSeconds: 4.5, drive: 0.7 });
	}
};
