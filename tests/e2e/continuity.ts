/** How much of one tone is missing, and how far it goes on out of step, at some place. */
export interface Break {
	/** the longest stretch that is 20 dB below the tone */
	gapMs: number;
	/** how far the tone is shifted at the worst place, in one step; at most half a turn of it */
	shiftMs: number;
}

/** What is found in a recording of one tone that was cut in pieces. */
export interface Continuity {
	/** from the first sound to the last */
	heardMs: number;
	/** where one piece follows another, in their order */
	joints: Break[];
	/** the worst of all else: no piece has a hole, so it is the machine that dropped sound there */
	inside: Break;
}

interface Stretch {
	fromMs: number;
	untilMs: number;
}

const WINDOW_MS = 1;
/** 20 dB */
const QUIET = 0.1;
const PHASE_MS = 10;
/** So far from where it should be a pause belongs to a joint: a phase is of so much. */
const NEAR_MS = 2 * PHASE_MS;

/** What was recorded. */
interface Tone {
	rateHz: number;
	toneHz: number;
	/** where the pieces meet, from the beginning of the tone */
	cutsMs: readonly number[];
}

/** Looks for gaps and shifts in what should be one tone. */
export function continuityOf(samples: Float32Array, { rateHz, toneHz, cutsMs }: Tone): Continuity {
	const levels = levelsOf(samples, rateHz);
	const tone = levels.toSorted((a, b) => a - b)[Math.floor(levels.length * 0.9)] ?? 0;
	const isLoud = (level: number) => level > tone * QUIET;
	const first = levels.findIndex(isLoud);
	const last = levels.findLastIndex(isLoud);
	const quiet = stretchesOf(levels.slice(first, last + 1), (level) => !isLoud(level));
	const window = (rateHz * WINDOW_MS) / 1000;
	const sound = samples.subarray(first * window, (last + 1) * window);
	const joints = placesOf(cutsMs, quiet);
	const isAt = (joint: Stretch, place: Stretch) =>
		place.untilMs > joint.fromMs - NEAR_MS && place.fromMs < joint.untilMs + NEAR_MS;
	const steps = stepsOf(sound, rateHz, toneHz);
	const worst = (isHere: (place: Stretch) => boolean): Break => ({
		gapMs: Math.max(0, ...quiet.filter(isHere).map(({ fromMs, untilMs }) => untilMs - fromMs)),
		shiftMs: Math.max(0, ...steps.filter(isHere).map(({ shiftMs }) => shiftMs))
	});
	return {
		heardMs: (last - first + 1) * WINDOW_MS,
		joints: joints.map((joint) => worst((place) => isAt(joint, place))),
		inside: worst((place) => !joints.some((joint) => isAt(joint, place)))
	};
}

/** How loud each millisecond is. */
export function levelsOf(samples: Float32Array, rateHz: number): number[] {
	const window = Math.round((rateHz * WINDOW_MS) / 1000);
	const levels: number[] = [];
	for (let at = 0; at + window <= samples.length; at += window) {
		levels.push(rms(samples.subarray(at, at + window)));
	}
	return levels;
}

/** How loud some samples are. */
export const rms = (samples: Float32Array): number =>
	Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);

/** The stretches of one kind, in their order. */
function stretchesOf(levels: readonly number[], isOne: (level: number) => boolean): Stretch[] {
	const stretches: Stretch[] = [];
	for (const [index, level] of levels.entries()) {
		if (!isOne(level)) continue;
		const fromMs = index * WINDOW_MS;
		const before = stretches.at(-1);
		if (before?.untilMs === fromMs) before.untilMs += WINDOW_MS;
		else stretches.push({ fromMs, untilMs: fromMs + WINDOW_MS });
	}
	return stretches;
}

/**
 * Where the cuts came to be. All that is quiet before one makes it later; a hand-off may also lose some
 * sound, so from each pause at a joint the next one is counted anew.
 */
function placesOf(cutsMs: readonly number[], quiet: readonly Stretch[]): Stretch[] {
	const places: Stretch[] = [];
	let [cutBefore, fromMs] = [0, 0];
	for (const cutMs of cutsMs) {
		let atMs = fromMs + cutMs - cutBefore;
		let place: Stretch | undefined;
		for (const one of quiet) {
			if (one.fromMs < fromMs) continue;
			if (Math.abs(one.fromMs - atMs) <= NEAR_MS) {
				if (!place || lengthOf(one) > lengthOf(place)) place = one;
			} else if (one.fromMs < atMs) atMs += lengthOf(one);
		}
		place ??= { fromMs: atMs, untilMs: atMs };
		places.push(place);
		[cutBefore, fromMs] = [cutMs, place.untilMs];
	}
	return places;
}

const lengthOf = ({ fromMs, untilMs }: Stretch): number => untilMs - fromMs;

/** How far the tone is shifted from each 10 ms to those 30 ms later: in between is where it changes. */
function stepsOf(
	samples: Float32Array,
	rateHz: number,
	toneHz: number
): (Stretch & { shiftMs: number })[] {
	const phases = phasesOf(samples, rateHz, toneHz);
	return phases.slice(3).map((phase, index) => {
		const turn = Math.abs(phase - (phases[index] ?? 0)) % 1;
		const fromMs = (index + 1) * PHASE_MS;
		const shiftMs = (Math.min(turn, 1 - turn) / toneHz) * 1000;
		return { fromMs, untilMs: fromMs + 4 * PHASE_MS, shiftMs };
	});
}

/** The phase of the tone every ten milliseconds, in turns. */
function phasesOf(samples: Float32Array, rateHz: number, toneHz: number): number[] {
	const window = (rateHz * PHASE_MS) / 1000;
	const phases: number[] = [];
	for (let from = window; from + 2 * window <= samples.length; from += window) {
		let [real, imaginary] = [0, 0];
		for (let i = from; i < from + window; i++) {
			const angle = (2 * Math.PI * toneHz * i) / rateHz;
			real += (samples[i] ?? 0) * Math.cos(angle);
			imaginary += (samples[i] ?? 0) * Math.sin(angle);
		}
		phases.push(Math.atan2(real, imaginary) / (2 * Math.PI));
	}
	return phases;
}
