import { samplesIn } from './sample-rate.ts';

/** Seconds, except sustain, a level from 0 to 1; decay and release fall by 60 dB in their time. */
export type EnvelopeShape = { attack: number; decay: number; sustain: number; release: number };

const SIXTY_DECIBELS = Math.log(1000);
const END_FADE_SECONDS = 0.008;

/** Room for a note that is held for so long, its fading included; silent. */
export const noteOf = (shape: EnvelopeShape, heldSeconds: number): Float32Array =>
	new Float32Array(samplesIn(heldSeconds) + samplesIn(shape.release));

/** Gives a sound its loudness over time: it rises, falls to its level while held, fades when let go. */
export function shapeNote(
	samples: Float32Array,
	shape: EnvelopeShape,
	heldSeconds: number,
	gain: number
): void {
	const held = samplesIn(heldSeconds);
	const attack = samplesIn(shape.attack);
	const decayKeep = Math.exp(-SIXTY_DECIBELS / samplesIn(shape.decay));
	const releaseKeep = Math.exp(-SIXTY_DECIBELS / samplesIn(shape.release));
	const endFade = samplesIn(END_FADE_SECONDS);
	let level = 0;
	for (let index = 0; index < samples.length; index++) {
		if (index >= held) level *= releaseKeep;
		else if (index < attack) level = Math.min(1, level + 1 / attack);
		else level = shape.sustain + (level - shape.sustain) * decayKeep;
		const edge = Math.min(1, (samples.length - 1 - index) / endFade);
		samples[index] = (samples[index] ?? 0) * level * edge * gain;
	}
}
