import { highPass, keepOf } from '../dsp/filters.ts';
import { samplesIn } from '../dsp/sample-rate.ts';
import type { Stereo } from '../stereo.ts';

export type EchoTone = {
	/** seconds between two echoes, which come from the left and the right in turn */
	seconds: number;
	/** how loud each is compared with the one before, below 1 */
	feedback: number;
	dampHz: number;
};

/** Adds echoes of `input` that wander between the sides and get duller. */
export function addEcho(out: Stereo, input: Float32Array, tone: EchoTone, level: number): void {
	const thin = input.slice();
	highPass(thin, 150);
	const length = samplesIn(tone.seconds);
	const leftLine = new Float32Array(length);
	const rightLine = new Float32Array(length);
	const keep = keepOf(tone.dampHz);
	let leftDull = 0;
	let rightDull = 0;
	for (let index = 0; index < thin.length; index++) {
		const at = index % length;
		const left = leftLine[at] ?? 0;
		const right = rightLine[at] ?? 0;
		leftDull = (1 - keep) * ((thin[index] ?? 0) + tone.feedback * right) + keep * leftDull;
		rightDull = (1 - keep) * tone.feedback * left + keep * rightDull;
		leftLine[at] = leftDull;
		rightLine[at] = rightDull;
		out.left[index] = (out.left[index] ?? 0) + level * left;
		out.right[index] = (out.right[index] ?? 0) + level * right;
	}
}
