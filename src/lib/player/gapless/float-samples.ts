/** Of the integers that are made of floats: a float of 32 bits is no finer near full scale. */
export const INTEGER_BITS = 24;

const FULL_SCALE = 2 ** (INTEGER_BITS - 1);

/**
 * Floats as the nearest integers. What is over full scale is cut off.
 * @param floats as in a wav file: the low byte first
 * @param bits of each: 32 or 64
 */
export function integersOf(floats: Uint8Array, bits: number): Uint8Array {
	const view = new DataView(floats.buffer, floats.byteOffset, floats.byteLength);
	const step = bits / 8;
	const integers = new Uint8Array((floats.length / step) * (INTEGER_BITS / 8));
	let at = 0;
	for (let from = 0; from < floats.length; from += step) {
		const float = step === 4 ? view.getFloat32(from, true) : view.getFloat64(from, true);
		const integer = Math.min(Math.max(Math.round(float * FULL_SCALE), -FULL_SCALE), FULL_SCALE - 1);
		integers[at++] = integer;
		integers[at++] = integer >> 8;
		integers[at++] = integer >> 16;
	}
	return integers;
}
