/** Two channels of samples around 0; 1 is full scale. */
export type Stereo = { left: Float32Array; right: Float32Array };

/** Room for a sound of so many samples, silent. */
export const silence = (length: number): Stereo => ({
	left: new Float32Array(length),
	right: new Float32Array(length)
});

/** Adds `sound` to `target` from a sample on; what reaches beyond its end is dropped. */
export function addTo(
	target: Float32Array,
	sound: Float32Array,
	from: number,
	level: number
): void {
	const end = Math.min(sound.length, target.length - from);
	for (let index = Math.max(0, -from); index < end; index++) {
		target[from + index] = (target[from + index] ?? 0) + level * (sound[index] ?? 0);
	}
}
