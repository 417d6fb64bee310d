import { noiseHit } from '../instruments/drums.ts';
import { bass } from '../instruments/keyed.ts';
import { MARIMBA, strike } from '../instruments/partials.ts';
import { master } from '../master.ts';
import { Mixer } from '../mixer.ts';
import type { Piece } from '../piece.ts';
import { hertzOf, midiOf, Scale } from '../pitch.ts';
import { Random } from '../random.ts';

const SIXTEENTH = 60 / 112 / 4;
const LENGTH = 16 * 14;
/** scale steps; each line has a length of its own, so they drift apart and meet again */
const LINES = [
	{ from: 0, pan: -0.6, level: 0.32, steps: [0, null, 4, 2, null] },
	{ from: 48, pan: 0.6, level: 0.28, steps: [5, null, 7, null, 6, 4, null] },
	{
		from: 96,
		pan: 0,
		level: 0.24,
		steps: [9, null, null, 11, null, null, 8, null, 12, null, null]
	},
	{ from: 0, pan: 0.2, level: 0.34, steps: [-5, null, null, null, null, null, -3, null] }
] as const;
/** the floor under the pattern moves every two bars */
const ROOTS = ['F2', 'D2', 'Bb1', 'C2', 'F2', 'A1', 'Bb1'] as const;

/** Four mallets, four lengths: the pattern is never twice the same and never far from home. */
export const marimbaWeather: Piece = {
	slug: 'marimba-weather',
	compose() {
		const random = new Random('marimba weather');
		const scale = new Scale('F4', 'pentatonic');
		const mixer = new Mixer(LENGTH * SIXTEENTH + 3);
		for (const line of LINES) {
			for (let tick: number = line.from; tick < LENGTH; tick++) {
				const step = line.steps[(tick - line.from) % line.steps.length];
				if (typeof step !== 'number') continue;
				const fadeIn = Math.min(1, 0.3 + (tick - line.from) / 40);
				mixer.add(strike(hertzOf(scale.midiAt(step)), 1.3, MARIMBA), tick * SIXTEENTH, {
					level: line.level * fadeIn * random.between(0.8, 1),
					pan: line.pan,
					room: 0.22
				});
			}
		}
		const envelope = { attack: 0.02, decay: 2, sustain: 0.5, release: 0.3 };
		const tone = { envelope, openHz: 400, closedHz: 180, resonance: 0, edge: 0.2 };
		ROOTS.forEach((root, index) => {
			const at = index * 32 * SIXTEENTH;
			const sound = bass(hertzOf(midiOf(root)), 28 * SIXTEENTH, tone);
			if (index > 0) mixer.add(sound, at, { level: 0.28, room: 0.05 });
		});
		const shaker = noiseHit({ lowestHz: 5000, highestHz: 13_000, ring: 0.06 }, random);
		for (let tick = 64; tick < LENGTH; tick++) {
			const level = [0.08, 0.03, 0.05, 0.03][tick % 4] ?? 0;
			mixer.add(shaker, tick * SIXTEENTH, { level, pan: -0.2, room: 0.1 });
		}
		const mix = mixer.mix({ fade: 1.5, dampHz: 6000, preDelay: 0.01 });
		return master(mix, { fadeInSeconds: 0.005, fadeOutSeconds: 3.5, drive: 0.9 });
	}
};
