import { kick, noiseHit, rim } from '../instruments/drums.ts';
import { bass } from '../instruments/keyed.ts';
import { pad } from '../instruments/sustained.ts';
import { master } from '../master.ts';
import { Mixer } from '../mixer.ts';
import type { Piece } from '../piece.ts';
import { hertzOf, midiOf, notesOf } from '../pitch.ts';
import { Random } from '../random.ts';

const BEAT = 60 / 122;
const BARS = 20;
const STAB = notesOf('F3 Ab3 C4 G4');
const STAB_AFTER = notesOf('Db3 Ab3 C4 F4');

function addDrums(mixer: Mixer, random: Random): void {
	const thump = kick({ fromHz: 190, toHz: 47, ring: 0.38, click: 0.5 });
	const open = noiseHit({ lowestHz: 7000, highestHz: 13_000, ring: 0.16 }, random);
	const closed = noiseHit({ lowestHz: 8000, highestHz: 14_000, ring: 0.035 }, random);
	const clap = noiseHit({ lowestHz: 1100, highestHz: 5000, ring: 0.17 }, random);
	const stick = rim();
	for (let bar = 0; bar < BARS; bar++) {
		const isBreak = bar === 11 || bar >= BARS - 2;
		for (let beat = 0; beat < 4; beat++) {
			const at = (bar * 4 + beat) * BEAT;
			if (!isBreak) mixer.add(thump, at, { level: 0.62 });
			if (bar >= 4) mixer.add(open, at + BEAT / 2, { level: 0.26, pan: 0.15 });
			if (bar >= 8 && beat % 2 && !isBreak) mixer.add(clap, at, { level: 0.22, room: 0.3 });
		}
		for (let tick = 0; tick < 16; tick++) {
			const at = (bar * 4 + tick / 4) * BEAT;
			if (bar >= 2 && tick % 4 !== 2) {
				mixer.add(closed, at, { level: 0.13 * random.between(0.5, 1), pan: -0.3 });
			}
			if (bar >= 6 && (tick * 5) % 16 < 4) {
				mixer.add(stick, at, { level: 0.13, pan: 0.5, echo: 0.3 });
			}
		}
	}
}

function addBassLine(mixer: Mixer, bar: number, random: Random): void {
	const steps = [0, null, 0, 12, null, 0, null, 10, 0, null, 0, null, 7, null, 10, 12];
	const root = midiOf(bar % 4 === 3 ? 'Db2' : 'F1');
	const envelope = { attack: 0.004, decay: 0.3, sustain: 0.2, release: 0.06 };
	// the filter opens slowly over the whole piece
	const openHz = 300 + 1400 * (bar / BARS) ** 2;
	const tone = { envelope, openHz, closedHz: 130, resonance: 0.45, edge: 0.55 };
	steps.forEach((step, tick) => {
		if (step === null || random.chance(0.06)) return;
		const sound = bass(hertzOf(root + step), 0.2 * BEAT, tone);
		mixer.add(sound, (bar * 4 + tick / 4) * BEAT, { level: step === 0 ? 0.36 : 0.27 });
	});
}

function addStabs(mixer: Mixer, bar: number, random: Random): void {
	const envelope = { attack: 0.005, decay: 0.35, sustain: 0.1, release: 0.2 };
	const brightHz = 900 + 130 * bar;
	const tone = { envelope, darkHz: 500, brightHz, sweep: 0.7, detune: 12 };
	for (const beat of bar % 2 ? [0.75, 2.5] : [0.75]) {
		for (const midi of bar % 4 === 3 ? STAB_AFTER : STAB) {
			const stab = pad(hertzOf(midi), 0.12, tone, random);
			const at = (bar * 4 + beat) * BEAT;
			mixer.add(stab, at, { level: 0.17, pan: random.between(-0.4, 0.4), room: 0.3, echo: 0.7 });
		}
	}
}

/** A factory at night, behind a wall: one chord, a patient kick, echoes. */
export const quietMachinery: Piece = {
	slug: 'quiet-machinery',
	compose() {
		const random = new Random('quiet machinery');
		const mixer = new Mixer(BARS * 4 * BEAT + 3);
		addDrums(mixer, random);
		for (let bar = 0; bar < BARS; bar++) {
			if (bar >= 4 && bar < BARS - 1) addBassLine(mixer, bar, random);
			if (bar >= 1) addStabs(mixer, bar, random);
		}
		const room = { fade: 2.2, dampHz: 5000, preDelay: 0.015 };
		const mix = mixer.mix(room, { seconds: BEAT * 0.75, feedback: 0.6, dampHz: 2800 });
		return master(mix, { fadeInSeconds: 0.005, fadeOutSeconds: 4, drive: 1.8 });
	}
};
